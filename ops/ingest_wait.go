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
)

// retryDelay bounds how long Glue may take to start the retry of a failed run.
const retryDelay = time.Minute

// waitForJob waits for the end of a run and of Glue's retries of it, which are runs
// with their own IDs and states. Canceling ctx stops the run.
func (o *Ops) waitForJob(ctx context.Context, id string) (*types.JobRun, error) {
	for {
		run, err := o.waitForAttempt(ctx, id)
		if err != nil {
			o.poll.OnCancel(ctx, "job run "+id, func(ctx context.Context) error { return o.stopRun(ctx, id) })
			return nil, err
		}
		retry, err := o.retryOf(ctx, run)
		if retry == "" || err != nil {
			return run, err
		}
		o.poll.Progressf("job run %s failed and is retried: %s", id, aws.ToString(run.ErrorMessage))
		id = retry
	}
}

// waitForAttempt waits for the end of one attempt.
func (o *Ops) waitForAttempt(ctx context.Context, id string) (run *types.JobRun, err error) {
	var state types.JobRunState
	err = o.poll.Until(ctx, func(ctx context.Context) (bool, error) {
		if run, err = o.jobRun(ctx, id); err != nil {
			return false, err
		}
		if run.JobRunState != state {
			state = run.JobRunState
			o.poll.Progressf("job run %s: %s", id, strings.ToLower(string(state)))
		}
		return hasEnded(state), nil
	})
	return run, err
}

func hasEnded(s types.JobRunState) bool {
	switch s {
	case types.JobRunStateStarting, types.JobRunStateRunning, types.JobRunStateStopping, types.JobRunStateWaiting:
		return false
	default:
		return true
	}
}

var errNoRetry = errors.New("glue has started no retry")

// retryOf returns the ID of the run that retries a failed run, "" if there is none.
func (o *Ops) retryOf(ctx context.Context, run *types.JobRun) (id string, err error) {
	if run.JobRunState != types.JobRunStateFailed {
		return "", nil
	}
	job, err := o.glue.GetJob(ctx, &glue.GetJobInput{JobName: aws.String(o.stack.Job)})
	if err != nil {
		return "", fmt.Errorf("get the job %s: %w", o.stack.Job, err)
	}
	if run.Attempt >= job.Job.MaxRetries {
		return "", nil
	}
	ctx, cancel := context.WithTimeoutCause(ctx, retryDelay, errNoRetry)
	defer cancel()
	err = o.poll.Until(ctx, func(ctx context.Context) (bool, error) {
		out, err := o.glue.GetJobRuns(ctx, &glue.GetJobRunsInput{JobName: aws.String(o.stack.Job), MaxResults: aws.Int32(10)})
		if err != nil {
			return false, fmt.Errorf("list the runs of %s: %w", o.stack.Job, err)
		}
		for _, r := range out.JobRuns {
			if aws.ToString(r.PreviousRunId) == aws.ToString(run.Id) {
				id = aws.ToString(r.Id)
			}
		}
		return id != "", nil
	})
	if err != nil && errors.Is(context.Cause(ctx), errNoRetry) {
		return "", nil
	}
	return id, err
}

func (o *Ops) stopRun(ctx context.Context, id string) error {
	out, err := o.glue.BatchStopJobRun(ctx, &glue.BatchStopJobRunInput{
		JobName: aws.String(o.stack.Job), JobRunIds: []string{id},
	})
	if err != nil {
		return err
	}
	for _, e := range out.Errors {
		if e.ErrorDetail != nil {
			return fmt.Errorf("%s: %s", aws.ToString(e.ErrorDetail.ErrorCode), aws.ToString(e.ErrorDetail.ErrorMessage))
		}
	}
	return nil
}
