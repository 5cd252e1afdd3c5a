package workflow

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/stretchr/testify/require"
)

// etl is a crawler, then a job if the crawl succeeds, then a report if the job
// succeeds.
func (w *world) etl(script string) {
	w.job("load", script)
	w.job("report", "ok")
	w.workflow("etl", func(in *glue.CreateWorkflowInput) {
		in.DefaultRunProperties = map[string]string{"a": "1", "b": "1"}
		in.MaxConcurrentRuns = aws.Int32(1)
	})
	w.trigger("etl", &glue.CreateTriggerInput{
		Name: aws.String("first"), Type: types.TriggerTypeScheduled, Schedule: aws.String("cron(0 * * * ? *)"),
		Actions: starts("crawler:raw"),
	})
	w.trigger("etl", &glue.CreateTriggerInput{
		Name: aws.String("second"), Type: types.TriggerTypeConditional,
		Actions:   []types.Action{{JobName: aws.String("load"), Arguments: map[string]string{"--x": "y"}, Timeout: aws.Int32(7)}},
		Predicate: &types.Predicate{Conditions: []types.Condition{crawled("raw", types.CrawlStateSucceeded)}},
	})
	w.trigger("etl", &glue.CreateTriggerInput{
		Name: aws.String("third"), Type: types.TriggerTypeConditional, Actions: starts("report"),
		Predicate: &types.Predicate{Conditions: []types.Condition{ran("load", types.JobRunStateSucceeded)}},
	})
}

func TestWorkflowRunsCompletely(t *testing.T) {
	w := newWorld(t)
	w.etl("ok")
	id := w.startRun("etl")
	require.Equal(t, []string{"raw"}, w.crawlers.names())
	_, err := w.glue.StartWorkflowRun(t.Context(), &glue.StartWorkflowRunInput{Name: aws.String("etl")})
	var exceeded *types.ConcurrentRunsExceededException
	require.ErrorAs(t, err, &exceeded)
	run := w.getRun("etl", id)
	require.Equal(t, types.WorkflowRunStatusRunning, run.Status)
	require.EqualValues(t, 3, run.Statistics.TotalActions)
	require.EqualValues(t, 1, run.Statistics.RunningActions)

	w.crawlers.end("raw", succeeded)
	run = w.endRun("etl", id)
	require.Equal(t, types.WorkflowRunStatusCompleted, run.Status)
	require.EqualValues(t, 3, run.Statistics.SucceededActions)
	require.Zero(t, run.Statistics.RunningActions)
	require.False(t, run.CompletedOn.Before(*run.StartedOn))

	node := func(kind types.NodeType, name string) types.Node {
		for _, n := range run.Graph.Nodes {
			if n.Type == kind && *n.Name == name {
				return n
			}
		}
		t.Fatalf("no node %s %s", kind, name)
		return types.Node{}
	}
	require.Len(t, run.Graph.Nodes, 6)
	require.Len(t, run.Graph.Edges, 5)
	require.Contains(t, run.Graph.Edges, types.Edge{
		SourceId: node("CRAWLER", "raw").UniqueId, DestinationId: node("TRIGGER", "second").UniqueId,
	})
	require.Equal(t, types.CrawlStateSucceeded, node("CRAWLER", "raw").CrawlerDetails.Crawls[0].State)
	load := node("JOB", "load").JobDetails.JobRuns[0]
	require.Equal(t, types.JobRunStateSucceeded, load.JobRunState)
	require.Equal(t, map[string]string{"--x": "y", "--WORKFLOW_NAME": "etl", "--WORKFLOW_RUN_ID": id}, load.Arguments)
	require.EqualValues(t, 7, *load.Timeout)
	require.Equal(t, "second", *load.TriggerName)
	require.Equal(t, *load.Id, *w.jobRuns("load", 1)[0].Id)

	got, err := w.glue.GetWorkflow(t.Context(), &glue.GetWorkflowInput{Name: aws.String("etl"), IncludeGraph: aws.Bool(true)})
	require.NoError(t, err)
	require.Equal(t, id, *got.Workflow.LastRun.WorkflowRunId)
	require.Len(t, got.Workflow.Graph.Nodes, 6)
}

func TestFailedActionsLeaveAWorkflowCompleted(t *testing.T) {
	w := newWorld(t)
	w.etl("fail")
	id := w.startRun("etl")
	w.crawlers.end("raw", succeeded)
	run := w.endRun("etl", id)
	require.Equal(t, types.WorkflowRunStatusCompleted, run.Status)
	require.EqualValues(t, 1, run.Statistics.SucceededActions)
	require.EqualValues(t, 1, run.Statistics.FailedActions)
	require.Empty(t, w.jobRuns("report", 0))

	id = w.startRun("etl")
	w.crawlers.end("raw", failed)
	run = w.endRun("etl", id)
	require.EqualValues(t, 1, run.Statistics.FailedActions)
	require.Len(t, w.jobRuns("load", 1), 1, "the job of a failed crawl does not run")
}

func TestWorkflowStops(t *testing.T) {
	w := newWorld(t)
	w.etl("slow")
	id := w.startRun("etl")
	w.crawlers.end("raw", succeeded)
	_, err := w.glue.StopWorkflowRun(t.Context(), &glue.StopWorkflowRunInput{Name: aws.String("etl"), RunId: &id})
	require.NoError(t, err)
	run := w.endRun("etl", id)
	require.Equal(t, types.WorkflowRunStatusStopped, run.Status)
	require.EqualValues(t, 1, run.Statistics.StoppedActions)
	require.Equal(t, types.JobRunStateStopped, w.jobRuns("load", 1)[0].JobRunState)

	_, err = w.glue.StopWorkflowRun(t.Context(), &glue.StopWorkflowRunInput{Name: aws.String("etl"), RunId: &id})
	var state *types.IllegalWorkflowStateException
	require.ErrorAs(t, err, &state)

	id = w.startRun("etl")
	_, err = w.glue.StopWorkflowRun(t.Context(), &glue.StopWorkflowRunInput{Name: aws.String("etl"), RunId: &id})
	require.NoError(t, err)
	require.Equal(t, types.WorkflowRunStatusStopped, w.endRun("etl", id).Status, "while a crawl runs")
}

func TestStartErrors(t *testing.T) {
	w := newWorld(t)
	w.job("load", "ok")
	w.workflow("etl", nil)
	w.trigger("etl", &glue.CreateTriggerInput{
		Name: aws.String("first"), Type: types.TriggerTypeOnDemand, Actions: starts("crawler:busy", "load"),
	})
	run := w.endRun("etl", w.startRun("etl"))
	require.Equal(t, types.WorkflowRunStatusCompleted, run.Status)
	require.EqualValues(t, 1, run.Statistics.ErroredActions)
	require.EqualValues(t, 1, run.Statistics.SucceededActions)

	_, err := w.glue.DeleteJob(t.Context(), &glue.DeleteJobInput{JobName: aws.String("load")})
	require.NoError(t, err)
	run = w.endRun("etl", w.startRun("etl"))
	require.Equal(t, types.WorkflowRunStatusError, run.Status)
	require.Contains(t, *run.ErrorMessage, "has already started")
	require.EqualValues(t, 2, run.Statistics.ErroredActions)
}

func TestRunProperties(t *testing.T) {
	w := newWorld(t)
	w.etl("ok")
	out, err := w.glue.StartWorkflowRun(t.Context(), &glue.StartWorkflowRunInput{
		Name: aws.String("etl"), RunProperties: map[string]string{"b": "2"},
	})
	require.NoError(t, err)
	_, err = w.glue.PutWorkflowRunProperties(t.Context(), &glue.PutWorkflowRunPropertiesInput{
		Name: aws.String("etl"), RunId: out.RunId, RunProperties: map[string]string{"c": "3"},
	})
	require.NoError(t, err)
	w.crawlers.end("raw", failed)
	got, err := w.glue.GetWorkflowRunProperties(t.Context(), &glue.GetWorkflowRunPropertiesInput{
		Name: aws.String("etl"), RunId: out.RunId,
	})
	require.NoError(t, err)
	require.Equal(t, map[string]string{"a": "1", "b": "2", "c": "3"}, got.RunProperties)
}

func TestRunWithoutProperties(t *testing.T) {
	w := newWorld(t)
	w.etl("ok")
	_, err := w.glue.UpdateWorkflow(t.Context(), &glue.UpdateWorkflowInput{Name: aws.String("etl"), DefaultRunProperties: map[string]string{}})
	require.NoError(t, err)
	id := w.startRun("etl")
	got, err := w.glue.GetWorkflowRunProperties(t.Context(), &glue.GetWorkflowRunPropertiesInput{Name: aws.String("etl"), RunId: &id})
	require.NoError(t, err)
	require.Nil(t, got.RunProperties, "the response has no empty map")
}

func TestStateSurvivesARestart(t *testing.T) {
	w := newWorld(t)
	w.etl("ok")
	first := w.startRun("etl")
	w.crawlers.end("raw", failed)
	second := w.startRun("etl")
	w.service.Close()
	w.start()

	runs, err := w.glue.GetWorkflowRuns(t.Context(), &glue.GetWorkflowRunsInput{Name: aws.String("etl")})
	require.NoError(t, err)
	require.Len(t, runs.Runs, 2)
	require.Equal(t, second, *runs.Runs[0].WorkflowRunId)
	require.Equal(t, first, *runs.Runs[0].PreviousRunId)
	require.Equal(t, types.WorkflowRunStatusError, runs.Runs[0].Status)
	require.Contains(t, *runs.Runs[0].ErrorMessage, "ended during the run")
	require.Equal(t, types.WorkflowRunStatusCompleted, runs.Runs[1].Status)
	third := w.startRun("etl")
	w.crawlers.end("raw", succeeded)
	require.Equal(t, types.WorkflowRunStatusCompleted, w.endRun("etl", third).Status)
}

func TestWorkflowDefinitions(t *testing.T) {
	w := newWorld(t)
	w.workflow("a", func(in *glue.CreateWorkflowInput) { in.Description = aws.String("of a") })
	w.workflow("b", nil)
	_, err := w.glue.CreateWorkflow(t.Context(), &glue.CreateWorkflowInput{Name: aws.String("a")})
	var exists *types.AlreadyExistsException
	require.ErrorAs(t, err, &exists)
	_, err = w.glue.StartWorkflowRun(t.Context(), &glue.StartWorkflowRunInput{Name: aws.String("a")})
	var invalid *types.InvalidInputException
	require.ErrorAs(t, err, &invalid, "no starting trigger")

	_, err = w.glue.UpdateWorkflow(t.Context(), &glue.UpdateWorkflowInput{Name: aws.String("a"), MaxConcurrentRuns: aws.Int32(2)})
	require.NoError(t, err)
	got, err := w.glue.BatchGetWorkflows(t.Context(), &glue.BatchGetWorkflowsInput{Names: []string{"a", "c"}})
	require.NoError(t, err)
	require.Equal(t, "of a", *got.Workflows[0].Description)
	require.EqualValues(t, 2, *got.Workflows[0].MaxConcurrentRuns)
	require.Equal(t, []string{"c"}, got.MissingWorkflows)

	_, err = w.glue.DeleteWorkflow(t.Context(), &glue.DeleteWorkflowInput{Name: aws.String("a")})
	require.NoError(t, err)
	list, err := w.glue.ListWorkflows(t.Context(), &glue.ListWorkflowsInput{})
	require.NoError(t, err)
	require.Equal(t, []string{"b"}, list.Workflows)
	_, err = w.glue.GetWorkflow(t.Context(), &glue.GetWorkflowInput{Name: aws.String("a")})
	var missing *types.EntityNotFoundException
	require.ErrorAs(t, err, &missing)
}
