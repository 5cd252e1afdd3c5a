package e2e

import (
	"database/sql"
	"fmt"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/require"
	"golang.org/x/sync/errgroup"

	"store-events/program/output"
	"store-events/schema"
)

// triggered is a stack whose workflow starts when objects arrive.
type triggered struct {
	*stack
	outputs map[string]any
	db      *sql.DB
	glue    *glue.Client
	sqs     *sqs.Client
}

// patience is the timeout for busy machines.
const patience = 5 * time.Minute

// TestObjectsStartTheWorkflow only puts objects, and does not run commands of the pipeline.
func TestObjectsStartTheWorkflow(t *testing.T) {
	s := newStack(t)
	s.settings = "store-events:trigger=events\nstore-events:triggerWindowSeconds=15"
	s.run(t, nil, "up")
	out := s.outputs(t)
	c := triggered{s, out, s.database(t, out), glue.NewFromConfig(s.config(out)), sqs.NewFromConfig(s.config(out))}

	// On an idle machine it takes about 20 seconds.
	t.Run("an object is loaded without a command", func(t *testing.T) {
		c.puts(t, "first", 1)
		c.waitForRows(t, "first", 1, patience)
		c.waitUntilDone(t)
		require.Equal(t, 1, c.runs(t))
		require.Equal(t, "full", c.lastRun(t).Listing, "no run had listed everything")
		require.Empty(t, c.feed(t))
	})

	t.Run("a second update changes nothing, and what is deployed satisfies the policies", func(t *testing.T) {
		var up struct {
			Steps []struct {
				Op, Type, Name string
				Diffs          []string
			}
		}
		s.run(t, &up, "up")
		for _, step := range up.Steps {
			require.Equal(t, "same", step.Op, "%s %s: %v", step.Type, step.Name, step.Diffs)
		}
		s.passesPolicies(t)
	})

	t.Run("a thousand puts start at most two runs", func(t *testing.T) {
		before, began := c.runs(t), time.Now()
		c.puts(t, "burst", 1000)
		require.Less(t, time.Since(began), time.Minute)
		c.waitForRows(t, "burst", 1000, patience)
		c.waitUntilDone(t)
		require.LessOrEqual(t, c.runs(t)-before, 2)
		s.verified(t, 0)
		c.ranByFeed(t, 1000)
	})

	t.Run("objects of a killed run are loaded by the next one", func(t *testing.T) {
		before := c.runs(t)
		c.puts(t, "killed", 200)
		require.Eventually(t, func() bool { return c.loads(t) }, patience, 50*time.Millisecond)
		c.kill(t)
		c.waitForRows(t, "killed", 200, patience)
		c.waitUntilDone(t)
		require.Equal(t, types.JobRunStateStopped, c.jobRuns(t)[1].JobRunState)
		require.LessOrEqual(t, c.runs(t)-before, 3, "the killed run, and at most two more")
		s.verified(t, 0)
		c.ranByFeed(t, 200)
	})

	t.Run("objects that a run writes do not start a run", func(t *testing.T) {
		before := c.runs(t)
		c.put(t, out, "quarantine/by-hand.json", "{}")
		c.put(t, out, "curated/by-hand.json", "{}")
		time.Sleep(20 * time.Second) // Longer than the batching window.
		require.Equal(t, before, c.runs(t))
		require.Zero(t, c.waiting(t))
	})

	t.Run("a paused stack starts no runs and loses no events", c.pausesAndResumes)

	require.Zero(t, c.messages(t, c.queue(t, "starts-dead")))
	s.run(t, nil, "down", "--force")
}

// pausesAndResumes puts an object while the stack is paused, and deletes its event from the
// queue, as the queue does after its retention.
func (c triggered) pausesAndResumes(t *testing.T) {
	before := c.runs(t)
	var paused struct{ Operation, Database string }
	c.run(t, &paused, "pause", "--wait")
	require.Equal(t, c.outputs[output.Database], paused.Database)
	require.Error(t, c.db.PingContext(t.Context()), "the database refuses connections")
	var status struct {
		Paused bool
		Parts  []struct{ Kind, State string }
	}
	c.run(t, &status, "status")
	require.True(t, status.Paused)
	states := map[string]string{}
	for _, p := range status.Parts {
		states[p.Kind] = p.State
	}
	require.Equal(t, []string{"stopped", "paused", "paused", "disabled"}, []string{states["database"], states["table"], states["consumer"], states["starter"]})
	require.Contains(t, c.fails(t, "ingest"), "the stack is paused")
	require.Contains(t, c.fails(t, "query", "SELECT 1"), "storeevents resume --stack local")

	c.puts(t, "paused", 1)
	require.Eventually(t, func() bool { return c.waiting(t) == 1 }, time.Minute, 100*time.Millisecond, "the event waits")
	_, err := c.sqs.PurgeQueue(t.Context(), &sqs.PurgeQueueInput{QueueUrl: aws.String(c.queue(t, "starts"))})
	require.NoError(t, err)
	require.Equal(t, before, c.runs(t))

	var resumed struct {
		Run struct {
			RowsNew int `json:"rows_new"`
		}
	}
	c.run(t, &resumed, "resume")
	require.Equal(t, 1, resumed.Run.RowsNew)
	c.waitForRows(t, "paused", 1, patience)
	require.Equal(t, "full", c.lastRun(t).Listing)
	require.Equal(t, before+1, c.runs(t))
	c.verified(t, 0)
}

// puts stores n objects with one event each.
func (c triggered) puts(t *testing.T, name string, n int) {
	t.Helper()
	var group errgroup.Group
	group.SetLimit(16)
	day := time.Now().UTC().Format(time.DateOnly)
	for i := range n {
		group.Go(func() error {
			c.put(t, c.outputs, fmt.Sprintf("sale_events/dt=%s/%s-%04d.json", day, name, i), fmt.Sprintf(`{"request_id":"%s-%04d","event_type":"sale_event"}`, name, i))
			return nil
		})
	}
	require.NoError(t, group.Wait())
}

func (c triggered) waitForRows(t *testing.T, name string, n int, limit time.Duration) {
	t.Helper()
	began, rows := time.Now(), 0
	for rows < n {
		require.Less(t, time.Since(began), limit, "%d rows of %d", rows, n)
		time.Sleep(200 * time.Millisecond)
		// Before the first run there is no table.
		_ = c.db.QueryRowContext(t.Context(), "SELECT count(*) FROM sales_txns_tbl WHERE request_id LIKE ?", name+"-%").Scan(&rows)
	}
	require.Equal(t, n, rows)
	t.Logf("%d rows after %.1f s", n, time.Since(began).Seconds())
}

// waitUntilDone waits until the queue is empty and no run is active.
func (c triggered) waitUntilDone(t *testing.T) {
	t.Helper()
	require.Eventually(t, func() bool { return c.waiting(t) == 0 && !c.loads(t) }, 3*time.Minute, 500*time.Millisecond)
}

// lastRun returns the manifest of the last run.
func (c triggered) lastRun(t *testing.T) manifestReport {
	t.Helper()
	var runs []runReport
	c.run(t, &runs, "runs", "ls", "--limit", "1")
	require.Len(t, runs, 1)
	var m manifestReport
	c.run(t, &m, "runs", "show", strconv.Itoa(runs[0].Number))
	require.Equal(t, m.Listing, runs[0].Listing)
	return m
}

// ranByFeed checks that the last run considered only the objects of the feed, at most n,
// and deleted the feed.
func (c triggered) ranByFeed(t *testing.T, n int) {
	t.Helper()
	m := c.lastRun(t)
	require.Equal(t, "feed", m.Listing)
	considered := m.CompleteBefore
	for _, count := range m.Outcomes {
		considered += count
	}
	require.LessOrEqual(t, considered, n)
	for _, f := range m.Findings {
		require.NotEqual(t, "feed_unusable", f.Finding, f.Detail)
	}
	require.Empty(t, c.feed(t))
}

// feed lists the files of the feed.
func (c triggered) feed(t *testing.T) []s3types.Object {
	t.Helper()
	prefix := schema.Load().Prefixes.Feed + "/"
	out, err := c.s3(c.outputs).ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: aws.String(c.outputs[output.Bucket].(string)), Prefix: &prefix})
	require.NoError(t, err)
	return out.Contents
}

func (c triggered) waiting(t *testing.T) int { return c.messages(t, c.queue(t, "starts")) }

// queue returns the URL of a queue of the stack.
func (c triggered) queue(t *testing.T, name string) string {
	t.Helper()
	list, err := c.sqs.ListQueues(t.Context(), &sqs.ListQueuesInput{QueueNamePrefix: aws.String("store-events-local-" + name + "-")})
	require.NoError(t, err)
	found := ""
	for _, url := range list.QueueUrls {
		if found == "" || len(url) < len(found) { // The dead-letter queue's name has the other's as a prefix.
			found = url
		}
	}
	require.NotEmpty(t, found)
	return found
}

// messages counts a queue's messages, including those in flight.
func (c triggered) messages(t *testing.T, url string) int {
	t.Helper()
	names := []sqstypes.QueueAttributeName{"ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"}
	got, err := c.sqs.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: names})
	require.NoError(t, err)
	sum := 0
	for _, name := range names {
		n, err := strconv.Atoi(got.Attributes[string(name)])
		require.NoError(t, err)
		sum += n
	}
	return sum
}

// runs counts the workflow's runs.
func (c triggered) runs(t *testing.T) int {
	t.Helper()
	got, err := c.glue.GetWorkflowRuns(t.Context(), &glue.GetWorkflowRunsInput{Name: aws.String(c.outputs[output.Workflow].(string))})
	require.NoError(t, err)
	return len(got.Runs)
}

// jobRuns returns the job's runs, newest first.
func (c triggered) jobRuns(t *testing.T) []types.JobRun {
	t.Helper()
	got, err := c.glue.GetJobRuns(t.Context(), &glue.GetJobRunsInput{JobName: aws.String(c.outputs[output.Job].(string))})
	require.NoError(t, err)
	return got.JobRuns
}

// loads reports whether the job is running.
func (c triggered) loads(t *testing.T) bool {
	t.Helper()
	runs := c.jobRuns(t)
	return len(runs) > 0 && (runs[0].JobRunState == types.JobRunStateRunning || runs[0].JobRunState == types.JobRunStateStarting)
}

// kill stops the current run at any stage.
func (c triggered) kill(t *testing.T) {
	t.Helper()
	name := aws.String(c.outputs[output.Workflow].(string))
	found, err := c.glue.GetWorkflow(t.Context(), &glue.GetWorkflowInput{Name: name})
	require.NoError(t, err)
	_, err = c.glue.StopWorkflowRun(t.Context(), &glue.StopWorkflowRunInput{Name: name, RunId: found.Workflow.LastRun.WorkflowRunId})
	require.NoError(t, err)
}
