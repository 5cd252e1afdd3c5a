package ops

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
)

const tailLines = 30

// runError tells why a run did not succeed: its state, the job's message and
// the end of its log.
func (o *Ops) runError(ctx context.Context, run *types.JobRun) error {
	text := fmt.Sprintf("job run %s ended as %s", aws.ToString(run.Id), run.JobRunState)
	if message := aws.ToString(run.ErrorMessage); message != "" {
		text += ": " + message
	}
	group, tail := o.logTail(ctx, run)
	if len(tail) > 0 {
		text += fmt.Sprintf("\nthe last lines of %s:\n  %s", group, strings.Join(tail, "\n  "))
	}
	return fmt.Errorf("%s", text)
}

// logTail is the end of the first of a run's logs that is there and not empty.
// A log that cannot be read is no error of its own: the run's is.
func (o *Ops) logTail(ctx context.Context, run *types.JobRun) (group string, lines []string) {
	for _, l := range o.runLogs(ctx, run) {
		out, err := o.logs.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{
			LogGroupName: aws.String(l.group), LogStreamName: aws.String(l.stream), Limit: aws.Int32(tailLines),
		})
		if err != nil {
			o.log.Debug("the job's log cannot be read", "group", l.group, "stream", l.stream, "error", err)
			continue
		}
		for _, e := range out.Events {
			lines = append(lines, strings.TrimRight(aws.ToString(e.Message), "\r\n"))
		}
		if len(lines) > 0 {
			return l.group, lines
		}
	}
	return "", nil
}

type runLog struct{ group, stream string }

// runLogs are the places of a run's log: the job's own group of continuous
// logging, then the common groups of error and output.
// https://docs.aws.amazon.com/glue/latest/dg/monitor-continuous-logging-enable.html
func (o *Ops) runLogs(ctx context.Context, run *types.JobRun) []runLog {
	id, base := aws.ToString(run.Id), strings.TrimRight(aws.ToString(run.LogGroupName), "/")
	if base == "" {
		base = "/aws-glue/jobs"
	}
	logs := []runLog{{base + "/error", id}, {base + "/output", id}}
	job, err := o.glue.GetJob(ctx, &glue.GetJobInput{JobName: aws.String(o.stack.Job)})
	if err != nil {
		return logs
	}
	if own := job.Job.DefaultArguments["--continuous-log-logGroup"]; own != "" {
		logs = append([]runLog{{own, id + "-driver"}, {own, id}}, logs...)
	}
	return logs
}
