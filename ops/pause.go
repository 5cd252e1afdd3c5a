package ops

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	rdstypes "github.com/aws/aws-sdk-go-v2/service/rds/types"

	"store-events/ops/internal/query"
)

// ErrPaused means that an operation needs the database, or the job's network, which are
// unavailable in a paused stack.
var ErrPaused = errors.New("the stack is paused")

// Database returns the identifier of the stack's DB instance.
func (o *Ops) Database() string { return o.stack.Database }

// refusePaused returns an error if the stack is paused, for operations that run the job.
func (o *Ops) refusePaused() error {
	if o.stack.Paused {
		return ErrPaused
	}
	return nil
}

// pausedDatabase refuses every statement.
type pausedDatabase struct{}

func (pausedDatabase) Run(context.Context, string, query.Visitor) error { return ErrPaused }

// Running lists the runs of the workflow and of the job that have not ended.
func (o *Ops) Running(ctx context.Context) ([]string, error) {
	var on []string
	flow, err := o.lastWorkflowRun(ctx) // The workflow has at most one run at a time.
	if err != nil {
		return nil, fmt.Errorf("get the last run of the workflow %s: %w", o.stack.Workflow, err)
	}
	if flow != nil && (flow.Status == types.WorkflowRunStatusRunning || flow.Status == types.WorkflowRunStatusStopping) {
		on = append(on, "workflow run "+aws.ToString(flow.WorkflowRunId))
	}
	runs, err := o.glue.GetJobRuns(ctx, &glue.GetJobRunsInput{JobName: aws.String(o.stack.Job), MaxResults: aws.Int32(10)})
	if err != nil {
		return nil, fmt.Errorf("list the runs of %s: %w", o.stack.Job, err)
	}
	for _, run := range runs.JobRuns {
		if !hasEnded(run.JobRunState) {
			on = append(on, "job run "+aws.ToString(run.Id))
		}
	}
	return on, nil
}

// lastWorkflowRun returns the workflow's last run, nil if there is none. GetWorkflowRuns has no documented order.
// https://docs.aws.amazon.com/glue/latest/webapi/API_Workflow.html
func (o *Ops) lastWorkflowRun(ctx context.Context) (*types.WorkflowRun, error) {
	out, err := o.glue.GetWorkflow(ctx, &glue.GetWorkflowInput{Name: aws.String(o.stack.Workflow)})
	if err != nil {
		return nil, err
	}
	return out.Workflow.LastRun, nil
}

// WaitIdle waits until all runs have ended.
func (o *Ops) WaitIdle(ctx context.Context) error {
	reported := ""
	return o.poll.Until(ctx, func(ctx context.Context) (bool, error) {
		on, err := o.Running(ctx)
		if err != nil || len(on) == 0 {
			return err == nil, err
		}
		if names := strings.Join(on, ", "); names != reported {
			reported = names
			o.poll.Progressf("waiting for the end of %s", names)
		}
		return false, nil
	})
}

// LoadAll starts a run of the workflow that lists all streams, and waits for its end. It first
// waits for a current run, which may list only the feed.
func (o *Ops) LoadAll(ctx context.Context) (r WorkflowResult, err error) {
	start := time.Now()
	err = o.poll.Until(ctx, func(ctx context.Context) (bool, error) {
		if err := o.WaitIdle(ctx); err != nil {
			return false, err
		}
		r, err = o.runWorkflow(ctx)
		var busy *types.ConcurrentRunsExceededException
		if errors.As(err, &busy) {
			return false, nil
		}
		return true, err
	})
	r.Seconds = seconds(start)
	return r, err
}

// States of a DB instance that StopDBInstance and StartDBInstance switch between.
// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/accessing-monitoring.html
const (
	databaseRuns  = "available"
	databaseStops = "stopped"
)

const (
	// attempts is how often a database that falls back to its old state is stopped or started.
	attempts = 3
	// maxRefusals is how often RDS may refuse it in a row: once or twice if its state is outdated, and always if the
	// instance has a read replica.
	// https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_StopInstance.html#USER_StopInstance.Limitations
	maxRefusals = 12
)

// StopDatabase stops the stack's DB instance, unless it is stopped already, and waits until it is stopped.
func (o *Ops) StopDatabase(ctx context.Context) error {
	return o.moveDatabase(ctx, databaseRuns, databaseStops, func(ctx context.Context) error {
		_, err := o.rds.StopDBInstance(ctx, &rds.StopDBInstanceInput{DBInstanceIdentifier: aws.String(o.stack.Database)})
		return err
	})
}

// StartDatabase starts the stack's DB instance and waits until it is available.
func (o *Ops) StartDatabase(ctx context.Context) error {
	return o.moveDatabase(ctx, databaseStops, databaseRuns, func(ctx context.Context) error {
		_, err := o.rds.StartDBInstance(ctx, &rds.StartDBInstanceInput{DBInstanceIdentifier: aws.String(o.stack.Database)})
		return err
	})
}

// moveDatabase waits for the state to, and calls act whenever the state is from.
func (o *Ops) moveDatabase(ctx context.Context, from, to string, act func(context.Context) error) error {
	tries, refusals, reported := 0, 0, ""
	err := o.poll.Until(ctx, func(ctx context.Context) (bool, error) {
		state, err := o.databaseState(ctx)
		if err != nil {
			return false, err
		}
		if state != reported {
			reported = state
			o.poll.Progressf("database %s: %s", o.stack.Database, state)
		}
		if state != from {
			refusals = 0
			return state == to, unusable(state)
		}
		if tries == attempts {
			return false, fmt.Errorf("it is %s again after %d attempts", from, tries)
		}
		err = act(ctx)
		var early *rdstypes.InvalidDBInstanceStateFault // RDS has reported an outdated state.
		if errors.As(err, &early) && refusals < maxRefusals {
			refusals++
			return false, nil
		}
		if err != nil {
			return false, err
		}
		tries, refusals = tries+1, 0
		return false, nil
	})
	if err != nil {
		return fmt.Errorf("database %s, to become %s: %w", o.stack.Database, to, err)
	}
	return nil
}

func (o *Ops) databaseState(ctx context.Context) (string, error) {
	db, exists, err := o.dbInstance(ctx)
	if err != nil {
		return "", err
	}
	if !exists {
		return stateMissing, nil
	}
	return aws.ToString(db.DBInstanceStatus), nil
}

// unusable returns an error for states that an instance does not leave by itself.
func unusable(state string) error {
	for _, bad := range []string{stateMissing, "failed", "incompatible-", "inaccessible-", "restore-error", "storage-full", "insufficient-capacity"} {
		if strings.HasPrefix(state, bad) {
			return fmt.Errorf("it is %s: RDS shows the reason in the instance's events", state)
		}
	}
	return nil
}
