package workflow

import (
	"context"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/stretchr/testify/require"

	"localaws/awsclient"
	"localaws/awsglue"
	"localaws/awsjson"
	"localaws/credentials"
	"localaws/jobs"
	"localaws/store"
	"localaws/testtools"
)

// world is the service with real jobs, and fake crawlers that the test ends.
type world struct {
	t        *testing.T
	crawlers *crawlers
	jobs     *jobs.Service
	service  *Service
	opts     Options
	ticks    chan time.Time
	glue     *glue.Client
}

func newWorld(t *testing.T) *world {
	t.Helper()
	db, err := store.Open(filepath.Join(t.TempDir(), "state.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })
	config := func(endpoint string) aws.Config {
		c := awsclient.Config("us-east-1", endpoint)
		c.RetryMaxAttempts = 1
		return c
	}
	scripts := httptest.NewServer(http.HandlerFunc(serveScript))
	t.Cleanup(scripts.Close)
	awsglueDir := filepath.Join(t.TempDir(), "awsglue")
	require.NoError(t, awsglue.Write(awsglueDir))

	authority, err := credentials.Open(t.TempDir())
	require.NoError(t, err)
	w := &world{t: t, crawlers: &crawlers{}, ticks: make(chan time.Time)}
	log := slog.New(slog.NewTextHandler(t.Output(), nil))
	w.jobs = jobs.New(jobs.Options{
		Config: config(scripts.URL), Sessions: authority, GatewayURL: scripts.URL, Store: db, Log: log, StateDir: t.TempDir(),
		Runtimes: map[string]jobs.Runtime{"5.1": {Python: testtools.GluePython(t), JarsDir: testtools.Jars(t)}}, AwsglueDir: awsglueDir, Region: "us-east-1",
	})
	t.Cleanup(w.jobs.Close)
	w.opts = Options{Store: db, Crawlers: w.crawlers, Jobs: w.jobs, Log: log, Region: "us-east-1", Ticks: w.ticks}
	w.start()
	gateway := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		ops := w.service.Operations()
		maps.Copy(ops, w.jobs.Operations())
		awsjson.Serve(ops).ServeHTTP(rw, r)
	}))
	t.Cleanup(gateway.Close)
	w.glue = glue.NewFromConfig(config(gateway.URL))
	return w
}

func (w *world) start() {
	w.service = New(w.opts)
	w.t.Cleanup(w.service.Close)
}

// serveScript serves scripts from S3 that depend on the key, and accepts everything for
// CloudWatch Logs.
func serveScript(w http.ResponseWriter, r *http.Request) {
	if r.Header.Get("X-Amz-Target") != "" {
		awsjson.WriteResult(w, nil)
		return
	}
	script := map[string]string{
		"/scripts/ok.py":   "import sys\nprint(sys.argv)",
		"/scripts/fail.py": "raise ValueError('broken')",
		"/scripts/slow.py": "import time\ntime.sleep(600)",
	}[r.URL.Path]
	_, _ = io.WriteString(w, script)
}

// crawlers run until the test ends them.
type crawlers struct {
	mu      sync.Mutex
	started []string // names; the index is the crawl's ID
	done    func(name, crawlID, state string)
}

func (c *crawlers) Start(_ context.Context, name string) (string, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if name == "busy" {
		return "", awsjson.Errorf(awsjson.CrawlerRunning, "Crawler with name busy has already started")
	}
	c.started = append(c.started, name)
	return strconv.Itoa(len(c.started) - 1), nil
}

func (c *crawlers) OnDone(f func(name, crawlID, state string)) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.done = f
}

// Stop ends the last crawl.
func (c *crawlers) Stop(name string) error {
	go c.end(name, cancelled)
	return nil
}

func (c *crawlers) names() []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return append([]string{}, c.started...)
}

// end ends the last crawl of a crawler.
func (c *crawlers) end(name, state string) {
	names, id := c.names(), -1
	for i, started := range names {
		if started == name {
			id = i
		}
	}
	c.done(name, strconv.Itoa(id), state)
}

// job creates a job that runs the script ok, fail or slow.
func (w *world) job(name, script string) {
	w.t.Helper()
	_, err := w.glue.CreateJob(w.t.Context(), &glue.CreateJobInput{
		Name: &name, Role: aws.String("arn:aws:iam::000000000000:role/job"),
		Command: &types.JobCommand{
			Name: aws.String("glueetl"), ScriptLocation: aws.String("s3://scripts/" + script + ".py"),
		},
	})
	require.NoError(w.t, err)
}

func (w *world) workflow(name string, change func(*glue.CreateWorkflowInput)) {
	w.t.Helper()
	in := &glue.CreateWorkflowInput{Name: &name}
	if change != nil {
		change(in)
	}
	_, err := w.glue.CreateWorkflow(w.t.Context(), in)
	require.NoError(w.t, err)
}

// trigger creates a trigger in a workflow; "" means outside of a workflow.
func (w *world) trigger(workflow string, in *glue.CreateTriggerInput) {
	w.t.Helper()
	if workflow != "" {
		in.WorkflowName = &workflow
	}
	in.StartOnCreation = in.Type != types.TriggerTypeOnDemand
	_, err := w.glue.CreateTrigger(w.t.Context(), in)
	require.NoError(w.t, err)
}

func (w *world) startRun(name string) string {
	w.t.Helper()
	out, err := w.glue.StartWorkflowRun(w.t.Context(), &glue.StartWorkflowRunInput{Name: &name})
	require.NoError(w.t, err)
	return *out.RunId
}

func (w *world) getRun(name, id string) types.WorkflowRun {
	w.t.Helper()
	out, err := w.glue.GetWorkflowRun(w.t.Context(), &glue.GetWorkflowRunInput{
		Name: &name, RunId: &id, IncludeGraph: aws.Bool(true),
	})
	require.NoError(w.t, err)
	return *out.Run
}

func (w *world) endRun(name, id string) types.WorkflowRun {
	w.t.Helper()
	var out types.WorkflowRun
	require.Eventually(w.t, func() bool {
		out = w.getRun(name, id)
		return out.Status != types.WorkflowRunStatusRunning && out.Status != types.WorkflowRunStatusStopping
	}, 2*time.Minute, 20*time.Millisecond)
	return out
}

// jobRuns waits until the number of job runs have ended, and returns them.
func (w *world) jobRuns(name string, ended int) []types.JobRun {
	w.t.Helper()
	var out *glue.GetJobRunsOutput
	require.Eventually(w.t, func() bool {
		var err error
		out, err = w.glue.GetJobRuns(w.t.Context(), &glue.GetJobRunsInput{JobName: &name})
		require.NoError(w.t, err)
		n := 0
		for _, run := range out.JobRuns {
			if run.CompletedOn != nil {
				n++
			}
		}
		return n >= ended
	}, 2*time.Minute, 20*time.Millisecond, "job %s", name)
	return out.JobRuns
}

func starts(names ...string) []types.Action {
	var out []types.Action
	for _, name := range names {
		if crawler, ok := strings.CutPrefix(name, "crawler:"); ok {
			out = append(out, types.Action{CrawlerName: aws.String(crawler)})
		} else {
			out = append(out, types.Action{JobName: aws.String(name)})
		}
	}
	return out
}

func crawled(name string, state types.CrawlState) types.Condition {
	return types.Condition{CrawlerName: &name, CrawlState: state, LogicalOperator: types.LogicalOperatorEquals}
}

func ran(name string, state types.JobRunState) types.Condition {
	return types.Condition{JobName: &name, State: state, LogicalOperator: types.LogicalOperatorEquals}
}
