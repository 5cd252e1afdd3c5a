package ops

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
)

// RunLog is the log of a run of the job in CloudWatch.
type RunLog struct {
	RunID  string   `json:"run_id"`
	State  string   `json:"state"`
	Group  string   `json:"log_group"`
	Stream string   `json:"log_stream"`
	Lines  []string `json:"lines"`
}

// RunLog returns the last tail lines of a run's log, all lines for 0. The run is a number
// or Glue's ID, or "" for the last run.
func (o *Ops) RunLog(ctx context.Context, run string, tail int) (RunLog, error) {
	of, err := o.glueRun(ctx, run)
	if err != nil {
		return RunLog{}, err
	}
	at, lines, err := o.readLog(ctx, of, tail)
	if err != nil {
		return RunLog{}, err
	}
	id := aws.ToString(of.Id)
	if len(lines) == 0 {
		return RunLog{}, fmt.Errorf("run %s is %s and has no log in CloudWatch (group %s, stream %s): Glue writes one once the script has started,"+
			" and CloudWatch deletes it after the group's retention", id, of.JobRunState, at.group, at.stream)
	}
	return RunLog{RunID: id, State: string(of.JobRunState), Group: at.group, Stream: at.stream, Lines: lines}, nil
}

// glueRun returns a run as Glue reports it, even if it failed before it had a number.
func (o *Ops) glueRun(ctx context.Context, run string) (*types.JobRun, error) {
	if run == "" {
		out, err := o.glue.GetJobRuns(ctx, &glue.GetJobRunsInput{JobName: aws.String(o.stack.Job), MaxResults: aws.Int32(1)})
		if err != nil {
			return nil, fmt.Errorf("get the last run of the job %s: %w", o.stack.Job, err)
		}
		if len(out.JobRuns) == 0 {
			return nil, fmt.Errorf("%w of the job %s yet: %s starts one", ErrNoRun, o.stack.Job, o.command("run"))
		}
		return &out.JobRuns[0], nil
	}
	id, err := o.runID(ctx, run)
	if err != nil {
		return nil, err
	}
	return o.jobRun(ctx, id)
}

// jobRun returns a run by Glue's ID. The error is ErrNoRun if Glue does not have the run, or no run can have the ID.
func (o *Ops) jobRun(ctx context.Context, id string) (*types.JobRun, error) {
	out, err := o.glue.GetJobRun(ctx, &glue.GetJobRunInput{JobName: aws.String(o.stack.Job), RunId: aws.String(id)})
	var missing *types.EntityNotFoundException
	var invalid *types.InvalidInputException
	if errors.As(err, &missing) || errors.As(err, &invalid) {
		return nil, fmt.Errorf("%w (%w)", o.noRun(id), err)
	}
	if err != nil {
		return nil, fmt.Errorf("get job run %s: %w", id, err)
	}
	return out.JobRun, nil
}

// readLog returns the last limit lines of the first of a run's logs that is not empty, all
// lines for 0. If it returns no lines, the place is where the log should be. A log that does
// not exist is not an error.
func (o *Ops) readLog(ctx context.Context, run *types.JobRun, limit int) (at logPlace, lines []string, err error) {
	places := o.logPlaces(ctx, run)
	for _, l := range places {
		lines, failed := o.logLines(ctx, l, limit)
		if len(lines) > 0 {
			return l, lines, nil
		}
		var missing *logtypes.ResourceNotFoundException
		if failed != nil && !errors.As(failed, &missing) && err == nil {
			err = fmt.Errorf("read the log %s, stream %s: %w", l.group, l.stream, failed)
		}
	}
	return places[0], nil, err
}

// maxLogLines is how many lines CloudWatch Logs returns per request, within 1
// MB.
// https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_GetLogEvents.html
const maxLogLines = 10_000

// logLines reads a log backwards. The token stops changing at the beginning of the log.
func (o *Ops) logLines(ctx context.Context, l logPlace, limit int) ([]string, error) {
	var pages [][]string
	in := &cloudwatchlogs.GetLogEventsInput{LogGroupName: &l.group, LogStreamName: &l.stream, StartFromHead: aws.Bool(false)}
	for n := 0; limit == 0 || n < limit; {
		in.Limit = aws.Int32(maxLogLines)
		if limit > 0 {
			in.Limit = aws.Int32(int32(min(limit-n, maxLogLines))) //nolint:gosec // Small.
		}
		out, err := o.logs.GetLogEvents(ctx, in)
		if err != nil {
			return nil, err
		}
		page := make([]string, len(out.Events))
		for i, e := range out.Events {
			page[i] = strings.TrimRight(aws.ToString(e.Message), "\r\n")
		}
		pages = append(pages, page)
		n += len(page)
		if aws.ToString(out.NextBackwardToken) == aws.ToString(in.NextToken) {
			break
		}
		in.NextToken = out.NextBackwardToken
	}
	slices.Reverse(pages)
	return slices.Concat(pages...), nil
}
