package jobs

import (
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"

	"localaws/awsclient"
	"localaws/awsglue"
	"localaws/awsjson"
	"localaws/credentials"
	"localaws/ministack"
	"localaws/store"
	"localaws/testtools"
)

// world is the service behind an AWS endpoint.
type world struct {
	t       *testing.T
	opts    Options
	service *Service
	glue    *glue.Client
	s3      *s3.Client
	bucket  string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{t: t, bucket: "bkt-" + strings.ToLower(newRunID()[3:15])}
	db, err := store.Open(filepath.Join(t.TempDir(), "state.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, db.Close()) })

	emu := shared.Get(t)
	target, err := url.Parse(ministack.URL)
	require.NoError(t, err)
	proxy := httputil.NewSingleHostReverseProxy(target)
	proxy.Transport = emu.Transport()
	authority, err := credentials.Open(t.TempDir())
	require.NoError(t, err)
	gateway := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		switch {
		case strings.HasPrefix(r.URL.Path, "/_localaws/bookmarks/"):
			w.service.BookmarkHandler().ServeHTTP(rw, r)
		case strings.HasPrefix(r.Header.Get("X-Amz-Target"), "AWSGlue."):
			awsjson.Serve(w.service.Operations()).ServeHTTP(rw, r)
		default:
			proxy.ServeHTTP(rw, r)
		}
	}))
	t.Cleanup(gateway.Close)

	config := func(endpoint string) aws.Config {
		c := awsclient.Config("us-east-1", endpoint)
		c.RetryMaxAttempts = 1
		return c
	}
	w.opts = Options{
		Config: emu.Config("us-east-1"), Sessions: authority, GatewayURL: gateway.URL, Store: db,
		Log: slog.New(slog.NewTextHandler(t.Output(), nil)), StateDir: t.TempDir(),
		Runtimes: map[string]Runtime{"5.1": {Python: testtools.GluePython(t), JarsDir: testtools.Jars(t)}}, AwsglueDir: filepath.Join(t.TempDir(), "awsglue"), Region: "us-east-1",
	}
	require.NoError(t, awsglue.Write(w.opts.AwsglueDir))
	w.start()
	w.glue = glue.NewFromConfig(config(gateway.URL))
	w.s3 = s3.NewFromConfig(config(gateway.URL), func(o *s3.Options) { o.UsePathStyle = true })
	_, err = w.s3.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: &w.bucket})
	require.NoError(t, err)
	return w
}

func (w *world) start() {
	w.service = New(w.opts)
	w.t.Cleanup(w.service.Close)
}

// put stores an object and returns its URL.
func (w *world) put(key, content string) string {
	w.t.Helper()
	_, err := w.s3.PutObject(w.t.Context(), &s3.PutObjectInput{
		Bucket: &w.bucket, Key: &key, Body: strings.NewReader(content),
	})
	require.NoError(w.t, err)
	return "s3://" + w.bucket + "/" + key
}

// job creates a job that runs a script.
func (w *world) job(name, script string, change func(*glue.CreateJobInput)) {
	w.t.Helper()
	in := &glue.CreateJobInput{
		Name: &name, Role: aws.String("arn:aws:iam::000000000000:role/job"), GlueVersion: aws.String("5.1"),
		Command: &types.JobCommand{
			Name: aws.String("glueetl"), ScriptLocation: aws.String(w.put("scripts/"+name+".py", script)),
		},
		WorkerType: types.WorkerTypeG1x, NumberOfWorkers: aws.Int32(2), Timeout: aws.Int32(5),
	}
	if change != nil {
		change(in)
	}
	_, err := w.glue.CreateJob(w.t.Context(), in)
	require.NoError(w.t, err)
}

func (w *world) run(name string, args map[string]string) string {
	w.t.Helper()
	out, err := w.glue.StartJobRun(w.t.Context(), &glue.StartJobRunInput{JobName: &name, Arguments: args})
	require.NoError(w.t, err)
	return *out.JobRunId
}

func (w *world) get(name, id string) types.JobRun {
	w.t.Helper()
	out, err := w.glue.GetJobRun(w.t.Context(), &glue.GetJobRunInput{JobName: &name, RunId: &id})
	require.NoError(w.t, err)
	return *out.JobRun
}

// wait waits until the run is in one of the states. The limit is generous for busy
// machines.
func (w *world) wait(name, id string, states ...types.JobRunState) types.JobRun {
	w.t.Helper()
	run := w.get(name, id)
	for limit := time.Now().Add(3 * time.Minute); !slices.Contains(states, run.JobRunState); run = w.get(name, id) {
		require.True(w.t, time.Now().Before(limit), "run is %s, not %v", run.JobRunState, states)
		time.Sleep(50 * time.Millisecond)
	}
	return run
}

func (w *world) end(name, id string) types.JobRun {
	w.t.Helper()
	return w.wait(name, id, types.JobRunStateSucceeded, types.JobRunStateFailed, types.JobRunStateStopped,
		types.JobRunStateTimeout, types.JobRunStateError)
}

// output returns the output of a run's script.
func (w *world) output(id string) string {
	w.t.Helper()
	return tail(w.service.folder(id).output())
}

// pids waits for the two process IDs that the script sleeper prints.
func (w *world) pids(id string) []string {
	w.t.Helper()
	require.Eventually(w.t, func() bool { return len(strings.Fields(w.output(id))) == 2 }, time.Minute, 20*time.Millisecond)
	return strings.Fields(w.output(id))
}
