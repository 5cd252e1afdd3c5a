package ops

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
)

// IngestRequest describes a run of the job.
type IngestRequest struct {
	// Arguments override those of the job; names begin with two dashes.
	Arguments map[string]string
	// Reset resets the job's bookmark first. Nothing is loaded again: the ledger in
	// the database decides what to read.
	Reset bool
}

// IngestResult is a successful run of the job.
type IngestResult struct {
	RunID   string `json:"run_id"`
	Attempt int    `json:"attempt"` // 0 for the first one.
	// ExecutionSeconds is the time that AWS charges for.
	ExecutionSeconds int `json:"execution_seconds"`
	Loaded
	Seconds float64 `json:"seconds"`
}

// Ingest runs the job and waits for its end. Canceling ctx stops the run. The error
// of a failed run contains the job's message and the end of its log.
func (o *Ops) Ingest(ctx context.Context, r IngestRequest) (IngestResult, error) {
	start := time.Now()
	if err := o.refusePaused(); err != nil {
		return IngestResult{}, err
	}
	if r.Reset {
		if err := o.resetBookmark(ctx); err != nil {
			return IngestResult{}, err
		}
	}
	id, err := o.startJob(ctx, r.Arguments)
	if err != nil {
		return IngestResult{}, err
	}
	run, err := o.waitForJob(ctx, id)
	if err != nil {
		return IngestResult{}, err
	}
	if run.JobRunState != types.JobRunStateSucceeded {
		return IngestResult{}, o.runError(ctx, run)
	}
	result := IngestResult{RunID: aws.ToString(run.Id), Attempt: int(run.Attempt), ExecutionSeconds: int(run.ExecutionTime)}
	if result.Loaded, err = o.ledger.Loaded(ctx, id); err != nil {
		return result, fmt.Errorf("job run %s succeeded, but its result is unknown: %w", id, err)
	}
	result.Seconds = seconds(start)
	return result, nil
}

func (o *Ops) resetBookmark(ctx context.Context) error {
	_, err := o.glue.ResetJobBookmark(ctx, &glue.ResetJobBookmarkInput{JobName: aws.String(o.stack.Job)})
	var none *types.EntityNotFoundException // A job that never ran has no bookmark.
	if err != nil && !errors.As(err, &none) {
		return fmt.Errorf("reset the bookmark of %s: %w", o.stack.Job, err)
	}
	return nil
}

func (o *Ops) startJob(ctx context.Context, arguments map[string]string) (string, error) {
	out, err := o.glue.StartJobRun(ctx, &glue.StartJobRunInput{JobName: aws.String(o.stack.Job), Arguments: arguments})
	var busy *types.ConcurrentRunsExceededException
	if errors.As(err, &busy) {
		return "", fmt.Errorf("the job %s is running already: try again when that run has ended: %w", o.stack.Job, err)
	}
	if err != nil {
		return "", fmt.Errorf("start the job %s: %w", o.stack.Job, err)
	}
	return aws.ToString(out.JobRunId), nil
}
