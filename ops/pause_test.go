package ops

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/program/output"
)

// withRuns serves the states of the last runs of workflow and job, one pair for each check.
func withRuns(f *fakeAWS, states ...[2]string) {
	var flows, jobs []any
	for _, s := range states {
		flows = append(flows, document{"Workflow": document{"LastRun": document{"WorkflowRunId": "wr_1", "Status": s[0]}}})
		jobs = append(jobs, document{"JobRuns": []any{document{"Id": "jr_1", "JobRunState": s[1]}}})
	}
	f.answers("GetWorkflow", flows...)
	f.answers("GetJobRuns", jobs...)
}

func TestRunningListsUnfinishedRuns(t *testing.T) {
	f, o := newFake(t)
	withRuns(f, [2]string{"RUNNING", "STARTING"}, [2]string{"COMPLETED", "RUNNING"}, [2]string{"COMPLETED", "FAILED"})
	for _, want := range [][]string{{"workflow run wr_1", "job run jr_1"}, {"job run jr_1"}, nil} {
		on, err := o.Running(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, on)
	}
}

func TestWaitIdle(t *testing.T) {
	f, o := newFake(t)
	withRuns(f, [2]string{"RUNNING", "RUNNING"}, [2]string{"STOPPING", "STOPPING"}, [2]string{"STOPPED", "STOPPED"})
	require.NoError(t, o.WaitIdle(t.Context()))
	require.Equal(t, 3, f.called("GetWorkflow"))
}

// The states are from RDS's documentation: it passes through others, and a response may be stale.
func TestDatabaseIsStartedAndStoppedFromAnyState(t *testing.T) {
	early := awsError{"InvalidDBInstanceState", "not available"}
	for name, tc := range map[string]struct {
		states []any
		act    []any
		stop   bool
		calls  int
		err    string
	}{
		"stop":                     {[]any{"available", "stopping", "stopped"}, []any{"stopping"}, true, 1, ""},
		"stopped":                  {[]any{"stopped"}, nil, true, 0, ""},
		"stopping already":         {[]any{"stopping", "stopped"}, nil, true, 0, ""},
		"started by AWS meanwhile": {[]any{"starting", "available", "stopping", "stopped"}, []any{"stopping"}, true, 1, ""},
		"stop after a backup":      {[]any{"backing-up", "available", "available", "stopping", "stopped"}, []any{early, "stopping"}, true, 2, ""},
		"start":                    {[]any{"stopped", "starting", "available"}, []any{"starting"}, false, 1, ""},
		"start, once stopped":      {[]any{"stopping", "stopped", "starting", "available"}, []any{"starting"}, false, 1, ""},
		"no capacity":              {[]any{"stopped"}, []any{awsError{"InsufficientDBInstanceCapacity", "none left"}}, false, 1, "none left"},
		"falls back":               {[]any{"stopped"}, []any{"starting"}, false, 3, "it is stopped again after 3 attempts"},
		"stop with a replica":      {[]any{"available"}, []any{awsError{"InvalidDBInstanceState", "it has a read replica"}}, true, maxRefusals + 1, "it has a read replica"},
		"unusable":                 {[]any{"incompatible-parameters"}, nil, false, 0, "it is incompatible-parameters"},
	} {
		t.Run(name, func(t *testing.T) {
			f, o := newFake(t)
			f.answers("DescribeDBInstances", tc.states...)
			operation, move := "StartDBInstance", o.StartDatabase
			if tc.stop {
				operation, move = "StopDBInstance", o.StopDatabase
			}
			if tc.act != nil {
				f.answers(operation, tc.act...)
			}
			err := move(t.Context())
			require.Equal(t, tc.calls, f.called(operation))
			if tc.err != "" {
				require.ErrorContains(t, err, tc.err)
				return
			}
			require.NoError(t, err)
		})
	}
}

// A run that new objects have started reads only the feed.
func TestFullListingFollowsTheCurrentRun(t *testing.T) {
	f, o := newFake(t)
	withRuns(f, [2]string{"COMPLETED", "SUCCEEDED"}, [2]string{"RUNNING", "RUNNING"}, [2]string{"COMPLETED", "SUCCEEDED"})
	f.answers("StartWorkflowRun", awsError{"ConcurrentRunsExceededException", "1 run"}, document{"RunId": "wr_2"})
	f.answers("GetWorkflowRun", workflowRun("COMPLETED", "SUCCEEDED"))
	withConsumer(f, "batches\trows_read\trows_new\trows_duplicate\trows_quarantined\n1\t10\t7\t0\t0\n")
	f.throughConsumer(o)
	r, err := o.LoadAll(t.Context())
	require.NoError(t, err)
	require.Equal(t, "wr_2", r.RunID)
	require.Equal(t, 7, r.RowsNew)
	require.Positive(t, r.Seconds)
	require.Equal(t, 2, f.called("StartWorkflowRun"))
}

func TestPausedStackStartsNoRunsAndQueries(t *testing.T) {
	stack := testStack
	stack.Paused, stack.Consumer, stack.Endpoint = true, "", "http://127.0.0.1:1"
	o := New(stack, Options{AWS: configAt(stack.Endpoint)})
	for name, operation := range map[string]func(context.Context) error{
		"ingest": func(ctx context.Context) error { _, err := o.Ingest(ctx, IngestRequest{Reset: true}); return err },
		"run":    func(ctx context.Context) error { _, err := o.CrawlAndLoad(ctx); return err },
		"rows":   func(ctx context.Context) error { _, err := o.CountRows(ctx); return err },
		"runs":   func(ctx context.Context) error { _, err := o.Runs(ctx, 1); return err },
	} {
		require.ErrorIs(t, operation(t.Context()), ErrPaused, name)
	}
}

func TestOutputsOfAPausedStack(t *testing.T) {
	outputs := map[string]any{output.Consumer: "", output.Alarms: []any{}, output.NamedQueries: map[string]any{}}
	for _, name := range []string{
		output.Bucket, output.Producer, output.Database, output.ReaderSecretArn, output.CatalogDatabase, output.Crawler, output.Job, output.Workgroup,
		output.Workflow, output.CuratedTable, output.TargetTable, output.DatabaseName, output.DatabaseEndpoint, output.DatabaseCA, output.Region,
	} {
		outputs[name] = "x"
	}
	_, err := FromOutputs("dev", outputs, "")
	require.ErrorContains(t, err, "stack dev lacks outputs: "+output.Consumer)
	outputs[output.Paused] = true
	s, err := FromOutputs("dev", outputs, "")
	require.NoError(t, err)
	require.True(t, s.Paused)
}
