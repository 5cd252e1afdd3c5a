// Package pipeline reads the state of the workflow and its job from their runs in Glue,
// and starts the workflow.
package pipeline

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
)

// ErrBusy means that the workflow is running.
var ErrBusy = errors.New("the workflow is running")

// maxRuns is the number of runs read, newest first. The caller does not distinguish
// more failures.
const maxRuns = 5

// maxJobRuns is the number of job runs read, newest first. Glue returns at most so many per call. It includes all
// job runs of maxRuns workflow runs with ten retries each. Glue keeps runs for 90 days: to read all of them, after a
// long time without success, would exceed the function's timeout.
// https://docs.aws.amazon.com/glue/latest/webapi/API_GetJobRuns.html
const maxJobRuns = 200

// Glue is the part of the Glue client that the package uses.
type Glue interface {
	GetJobRuns(context.Context, *glue.GetJobRunsInput, ...func(*glue.Options)) (*glue.GetJobRunsOutput, error)
	GetWorkflow(context.Context, *glue.GetWorkflowInput, ...func(*glue.Options)) (*glue.GetWorkflowOutput, error)
	GetWorkflowRun(context.Context, *glue.GetWorkflowRunInput, ...func(*glue.Options)) (*glue.GetWorkflowRunOutput, error)
	StartWorkflowRun(context.Context, *glue.StartWorkflowRunInput, ...func(*glue.Options)) (*glue.StartWorkflowRunOutput, error)
}

// Pipeline is a workflow and the job in it.
type Pipeline struct {
	Glue          Glue
	Workflow, Job string
}

// State is the state of a pipeline.
type State struct {
	// Busy is the current job or workflow run, "" if there is none.
	Busy string
	// LastSuccess is the start of the newest successful job run, whether or not the
	// workflow started it; zero if there is none among the last maxJobRuns.
	LastSuccess time.Time
	// Failures is the number of workflow runs that ended since LastSuccess without a
	// successful job run, at most maxRuns.
	Failures int
	// LastEnd is the end of the newest failed run; zero if there is none.
	LastEnd time.Time
}

// State reads the pipeline's state.
func (p Pipeline) State(ctx context.Context) (State, error) {
	var s State
	if err := p.readJob(ctx, &s); err != nil {
		return State{}, fmt.Errorf("runs of job %s: %w", p.Job, err)
	}
	if err := p.readWorkflow(ctx, &s); err != nil {
		return State{}, fmt.Errorf("runs of workflow %s: %w", p.Workflow, err)
	}
	return s, nil
}

// readJob reads the job's runs from the newest to the last successful one, at most about maxJobRuns.
// Glue returns the newest first:
// https://docs.aws.amazon.com/glue/latest/webapi/API_GetJobRuns.html
func (p Pipeline) readJob(ctx context.Context, s *State) error {
	pages := glue.NewGetJobRunsPaginator(p.Glue, &glue.GetJobRunsInput{JobName: &p.Job, MaxResults: aws.Int32(maxJobRuns)})
	for read := 0; pages.HasMorePages() && read < maxJobRuns; {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		read += len(page.JobRuns)
		for _, run := range page.JobRuns {
			switch run.JobRunState {
			case types.JobRunStateSucceeded:
				s.LastSuccess = aws.ToTime(run.StartedOn)
				return nil
			case types.JobRunStateStarting, types.JobRunStateRunning, types.JobRunStateStopping, types.JobRunStateWaiting:
				s.Busy = "job run " + aws.ToString(run.Id)
			}
		}
	}
	return nil
}

// readWorkflow reads the workflow's runs, each of which has the id of the previous one.
func (p Pipeline) readWorkflow(ctx context.Context, s *State) error {
	found, err := p.Glue.GetWorkflow(ctx, &glue.GetWorkflowInput{Name: &p.Workflow})
	if err != nil {
		return err
	}
	run := found.Workflow.LastRun
	for range maxRuns {
		if run == nil || !aws.ToTime(run.StartedOn).After(s.LastSuccess) && run.Status != types.WorkflowRunStatusRunning {
			return nil
		}
		s.add(*run)
		if aws.ToString(run.PreviousRunId) == "" {
			return nil
		}
		before, err := p.Glue.GetWorkflowRun(ctx, &glue.GetWorkflowRunInput{Name: &p.Workflow, RunId: run.PreviousRunId})
		if gone := new(types.EntityNotFoundException); errors.As(err, &gone) {
			return nil // Glue deletes old runs.
		}
		if err != nil {
			return err
		}
		run = before.Run
	}
	return nil
}

func (s *State) add(run types.WorkflowRun) {
	if run.Status == types.WorkflowRunStatusRunning || run.Status == types.WorkflowRunStatusStopping {
		s.Busy = "workflow run " + aws.ToString(run.WorkflowRunId)
		return
	}
	s.Failures++
	if end := aws.ToTime(run.CompletedOn); end.After(s.LastEnd) {
		s.LastEnd = end
	}
}

// Start starts the workflow with run properties, which the job can read. It returns
// ErrBusy if a run has already started.
func (p Pipeline) Start(ctx context.Context, properties map[string]string) (runID string, err error) {
	out, err := p.Glue.StartWorkflowRun(ctx, &glue.StartWorkflowRunInput{Name: &p.Workflow, RunProperties: properties})
	if busy := new(types.ConcurrentRunsExceededException); errors.As(err, &busy) {
		return "", ErrBusy
	}
	if err != nil {
		return "", fmt.Errorf("start workflow %s: %w", p.Workflow, err)
	}
	return aws.ToString(out.RunId), nil
}
