package ops

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func workflowRun(status, crawl, job string) document {
	nodes := []any{document{"Type": "CRAWLER", "Name": "crawler", "CrawlerDetails": document{"Crawls": []any{
		document{"State": crawl, "ErrorMessage": "no bucket"},
	}}}}
	if job != "" {
		nodes = append(nodes, document{"Type": "JOB", "Name": "job", "JobDetails": document{"JobRuns": []any{
			document{"Id": "jr_1", "JobRunState": job, "ErrorMessage": "no table"},
		}}})
	}
	return document{"Run": document{"Status": status, "Graph": document{"Nodes": nodes}}}
}

func TestWorkflow(t *testing.T) {
	f, o := newFake(t)
	f.answers("StartWorkflowRun", document{"RunId": "wr_1"})
	f.answers("GetWorkflowRun", workflowRun("RUNNING", "RUNNING", ""), workflowRun("COMPLETED", "SUCCEEDED", "SUCCEEDED"))
	withConsumer(f, "batches\trows_read\trows_new\trows_duplicate\trows_quarantined\n1\t10\t10\t0\t0\n")
	f.throughConsumer(o)
	r, err := o.RunWorkflow(t.Context())
	require.NoError(t, err)
	require.Equal(t, 10, r.RowsNew)
	require.Equal(t, []Step{
		{Kind: "crawler", Name: "crawler", State: "SUCCEEDED", Error: "no bucket"},
		{Kind: "job", Name: "job", RunID: "jr_1", State: "SUCCEEDED", Error: "no table"},
	}, r.Steps)
}

func TestABusyWorkflowIsNamed(t *testing.T) {
	f, o := newFake(t)
	f.answers("StartWorkflowRun", awsError{"ConcurrentRunsExceededException", "1 run"})
	_, err := o.RunWorkflow(t.Context())
	require.ErrorContains(t, err, "is on: try again when it has ended")
}

func TestAWorkflowRunIsGoodOnlyWithAllOfItsSteps(t *testing.T) {
	for name, tc := range map[string]struct {
		status, crawl, job, want string
	}{
		"crawl fails": {"COMPLETED", "FAILED", "", "crawler crawler ended as FAILED: no bucket\nworkflow run wr_1 ended without a job run"},
		"job fails":   {"COMPLETED", "SUCCEEDED", "FAILED", "job job ended as FAILED: no table"},
		"stopped":     {"STOPPED", "SUCCEEDED", "STOPPED", "workflow run wr_1 ended as STOPPED"},
	} {
		t.Run(name, func(t *testing.T) {
			f, o := newFake(t)
			f.answers("StartWorkflowRun", document{"RunId": "wr_1"})
			f.answers("GetWorkflowRun", workflowRun(tc.status, tc.crawl, tc.job))
			_, err := o.RunWorkflow(t.Context())
			require.ErrorContains(t, err, tc.want)
		})
	}
}

func TestARetriedStepCountsByItsLastAttempt(t *testing.T) {
	f, o := newFake(t)
	f.answers("StartWorkflowRun", document{"RunId": "wr_1"})
	f.answers("GetWorkflowRun", document{"Run": document{"Status": "COMPLETED", "Graph": document{"Nodes": []any{
		document{"Type": "JOB", "Name": "job", "JobDetails": document{"JobRuns": []any{
			document{"Id": "jr_1", "JobRunState": "FAILED"},
			document{"Id": "jr_1_attempt_1", "PreviousRunId": "jr_1", "JobRunState": "SUCCEEDED"},
		}}},
	}}}})
	withConsumer(f, "batches\trows_read\trows_new\trows_duplicate\trows_quarantined\n1\t10\t10\t0\t0\n")
	f.throughConsumer(o)
	r, err := o.RunWorkflow(t.Context())
	require.NoError(t, err)
	require.Len(t, r.Steps, 2)
	require.Equal(t, 10, r.RowsNew)
}
