package ops

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
)

// WorkflowResult is the result of one run of the workflow.
type WorkflowResult struct {
	RunID string `json:"run_id"`
	State string `json:"state"`
	Steps []Step `json:"steps"`
	Loaded
	Seconds float64 `json:"seconds"`
}

// Step is a job run of a workflow run, or the crawl before it.
type Step struct {
	Kind  string `json:"kind"` // crawler or job
	Name  string `json:"name"`
	RunID string `json:"run_id,omitempty"`
	State string `json:"state"`
	Error string `json:"error,omitempty"`
	// retried is set if a later attempt replaces this one.
	retried bool
}

// CrawlAndLoad crawls, then starts the workflow, which runs the job, and waits for its end. A
// failed crawl does not prevent the load; its error is returned at the end. Canceling
// ctx stops the current crawl or run.
func (o *Ops) CrawlAndLoad(ctx context.Context) (WorkflowResult, error) {
	start := time.Now()
	if err := o.refusePaused(); err != nil {
		return WorkflowResult{}, err
	}
	crawl := Step{Kind: "crawler", Name: o.stack.Crawler, State: string(types.CrawlStateSucceeded)}
	_, crawlErr := o.Crawl(ctx)
	if ctx.Err() != nil {
		return WorkflowResult{}, crawlErr
	}
	if crawlErr != nil {
		crawl.State, crawl.Error = string(types.CrawlStateFailed), crawlErr.Error()
		o.poll.Progressf("the crawl has failed; the job loads without it")
	}
	result, err := o.runWorkflow(ctx)
	result.Steps = append([]Step{crawl}, result.Steps...)
	result.Seconds = seconds(start)
	return result, errors.Join(crawlErr, err)
}

func (o *Ops) runWorkflow(ctx context.Context) (WorkflowResult, error) {
	out, err := o.glue.StartWorkflowRun(ctx, &glue.StartWorkflowRunInput{Name: aws.String(o.stack.Workflow)})
	var busy *types.ConcurrentRunsExceededException
	if errors.As(err, &busy) {
		return WorkflowResult{}, fmt.Errorf("the workflow %s is running: try again when the run has ended: %w", o.stack.Workflow, err)
	}
	if err != nil {
		return WorkflowResult{}, fmt.Errorf("start the workflow %s: %w", o.stack.Workflow, err)
	}
	id := aws.ToString(out.RunId)
	run, err := o.waitForWorkflow(ctx, id)
	if err != nil {
		o.poll.OnCancel(ctx, "workflow run "+id, func(ctx context.Context) error { return o.stopWorkflow(ctx, id) })
		return WorkflowResult{}, err
	}
	result := WorkflowResult{RunID: id, State: string(run.Status), Steps: steps(run.Graph)}
	return result, errors.Join(workflowError(id, run, result.Steps), o.addLoaded(ctx, &result))
}

// waitForWorkflow waits for the end of a workflow run, and reports each step.
func (o *Ops) waitForWorkflow(ctx context.Context, id string) (run *types.WorkflowRun, err error) {
	reported := map[Step]bool{}
	err = o.poll.Until(ctx, func(ctx context.Context) (bool, error) {
		out, err := o.glue.GetWorkflowRun(ctx, &glue.GetWorkflowRunInput{
			Name: aws.String(o.stack.Workflow), RunId: aws.String(id), IncludeGraph: aws.Bool(true),
		})
		if err != nil {
			return false, fmt.Errorf("get workflow run %s: %w", id, err)
		}
		run = out.Run
		for _, s := range steps(run.Graph) {
			if !reported[s] {
				reported[s] = true
				o.poll.Progressf("%s %s: %s", s.Kind, s.Name, strings.ToLower(s.State))
			}
		}
		return run.Status != types.WorkflowRunStatusRunning && run.Status != types.WorkflowRunStatusStopping, nil
	})
	return run, err
}

func (o *Ops) stopWorkflow(ctx context.Context, id string) error {
	_, err := o.glue.StopWorkflowRun(ctx, &glue.StopWorkflowRunInput{Name: aws.String(o.stack.Workflow), RunId: aws.String(id)})
	return err
}

// steps lists the job runs in a graph.
func steps(graph *types.WorkflowGraph) []Step {
	out := []Step{}
	if graph == nil {
		return out
	}
	for _, n := range graph.Nodes {
		if n.JobDetails != nil {
			for _, r := range n.JobDetails.JobRuns {
				out = append(out, Step{
					Kind: "job", Name: aws.ToString(n.Name), RunID: aws.ToString(r.Id),
					State: string(r.JobRunState), Error: aws.ToString(r.ErrorMessage),
					retried: retried(r, n.JobDetails.JobRuns),
				})
			}
		}
	}
	return out
}

func retried(run types.JobRun, runs []types.JobRun) bool {
	return slices.ContainsFunc(runs, func(r types.JobRun) bool {
		return r.PreviousRunId != nil && *r.PreviousRunId == aws.ToString(run.Id)
	})
}

// workflowError returns nil only if the run completed, every step succeeded and the job ran.
func workflowError(id string, run *types.WorkflowRun, steps []Step) error {
	if run.Status != types.WorkflowRunStatusCompleted {
		return fmt.Errorf("workflow run %s ended as %s: %s", id, run.Status, aws.ToString(run.ErrorMessage))
	}
	var errs []error
	for _, s := range steps {
		if s.State != "SUCCEEDED" && !s.retried {
			errs = append(errs, fmt.Errorf("workflow run %s: job run ended as %s (%s): %s", id, s.State, s.RunID, s.Error))
		}
	}
	if len(steps) == 0 {
		errs = append(errs, fmt.Errorf("workflow run %s ended without a job run", id))
	}
	return errors.Join(errs...)
}

// addLoaded adds the counts of the successful job runs.
func (o *Ops) addLoaded(ctx context.Context, r *WorkflowResult) error {
	for _, s := range r.Steps {
		if s.State != "SUCCEEDED" {
			continue
		}
		l, err := o.ledger.Loaded(ctx, s.RunID)
		if err != nil {
			return fmt.Errorf("job run %s succeeded, but its result is unknown: %w", s.RunID, err)
		}
		r.Add(l)
	}
	return nil
}
