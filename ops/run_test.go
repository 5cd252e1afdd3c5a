package ops

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// withCrawl serves a crawl that ends with the status, before the workflow starts.
func withCrawl(f *fakeAWS, status string) {
	f.answers("StartCrawler", document{})
	withTables(f)
	f.answers("GetCrawler", crawlerIn("READY", 0, ""), crawlerIn("READY", 200, status))
}

func workflowRun(status, job string) document {
	var nodes []any
	if job != "" {
		nodes = append(nodes, document{"Type": "JOB", "Name": "job", "JobDetails": document{"JobRuns": []any{
			document{"Id": "jr_1", "JobRunState": job, "ErrorMessage": "no table"},
		}}})
	}
	return document{"Run": document{"Status": status, "Graph": document{"Nodes": nodes}}}
}

func TestCrawlAndWorkflow(t *testing.T) {
	f, o := newFake(t)
	withCrawl(f, "SUCCEEDED")
	f.answers("StartWorkflowRun", document{"RunId": "wr_1"})
	f.answers("GetWorkflowRun", workflowRun("RUNNING", ""), workflowRun("COMPLETED", "SUCCEEDED"))
	withConsumer(f, "batches\trows_read\trows_new\trows_duplicate\trows_quarantined\n1\t10\t10\t0\t0\n")
	f.throughConsumer(o)
	r, err := o.CrawlAndLoad(t.Context())
	require.NoError(t, err)
	require.Equal(t, 10, r.RowsNew)
	require.Equal(t, []Step{
		{Kind: "crawler", Name: "crawler", State: "SUCCEEDED"},
		{Kind: "job", Name: "job", RunID: "jr_1", State: "SUCCEEDED", Error: "no table"},
	}, r.Steps)
}

func TestFailedCrawlDoesNotStopTheLoad(t *testing.T) {
	f, o := newFake(t)
	withCrawl(f, "FAILED")
	f.answers("StartWorkflowRun", document{"RunId": "wr_1"})
	f.answers("GetWorkflowRun", workflowRun("COMPLETED", "SUCCEEDED"))
	withConsumer(f, "batches\trows_read\trows_new\trows_duplicate\trows_quarantined\n1\t10\t10\t0\t0\n")
	f.throughConsumer(o)
	r, err := o.CrawlAndLoad(t.Context())
	require.ErrorContains(t, err, "the crawl of crawler ended as FAILED: no access")
	require.Equal(t, 10, r.RowsNew)
	require.Equal(t, []string{"FAILED", "SUCCEEDED"}, []string{r.Steps[0].State, r.Steps[1].State})
}

func TestRunningWorkflowIsReported(t *testing.T) {
	f, o := newFake(t)
	withCrawl(f, "SUCCEEDED")
	f.answers("StartWorkflowRun", awsError{"ConcurrentRunsExceededException", "1 run"})
	_, err := o.CrawlAndLoad(t.Context())
	require.ErrorContains(t, err, "the workflow flow is running: try again when the run has ended")
}

func TestWorkflowRunFailsWithAnyOfItsSteps(t *testing.T) {
	for name, tc := range map[string]struct {
		status, job, want string
	}{
		"no job":    {"COMPLETED", "", "workflow run wr_1 ended without a job run"},
		"job fails": {"COMPLETED", "FAILED", "workflow run wr_1: job run ended as FAILED (jr_1): no table"},
		"stopped":   {"STOPPED", "STOPPED", "workflow run wr_1 ended as STOPPED"},
	} {
		t.Run(name, func(t *testing.T) {
			f, o := newFake(t)
			withCrawl(f, "SUCCEEDED")
			f.answers("StartWorkflowRun", document{"RunId": "wr_1"})
			f.answers("GetWorkflowRun", workflowRun(tc.status, tc.job))
			_, err := o.CrawlAndLoad(t.Context())
			require.ErrorContains(t, err, tc.want)
		})
	}
}

func TestLastAttemptOfAStepCounts(t *testing.T) {
	f, o := newFake(t)
	withCrawl(f, "SUCCEEDED")
	f.answers("StartWorkflowRun", document{"RunId": "wr_1"})
	f.answers("GetWorkflowRun", document{"Run": document{"Status": "COMPLETED", "Graph": document{"Nodes": []any{
		document{"Type": "JOB", "Name": "job", "JobDetails": document{"JobRuns": []any{
			document{"Id": "jr_1", "JobRunState": "FAILED"},
			document{"Id": "jr_1_attempt_1", "PreviousRunId": "jr_1", "JobRunState": "SUCCEEDED"},
		}}},
	}}}})
	withConsumer(f, "batches\trows_read\trows_new\trows_duplicate\trows_quarantined\n1\t10\t10\t0\t0\n")
	f.throughConsumer(o)
	r, err := o.CrawlAndLoad(t.Context())
	require.NoError(t, err)
	require.Len(t, r.Steps, 3)
	require.Equal(t, 10, r.RowsNew)
}
