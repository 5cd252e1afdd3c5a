package ops

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
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

// logTail is the end of the run's error log, or of its output where that is
// empty. A log that cannot be read is no error of its own: the run's is.
// https://docs.aws.amazon.com/glue/latest/dg/monitor-continuous-logging-view.html
func (o *Ops) logTail(ctx context.Context, run *types.JobRun) (group string, lines []string) {
	base := strings.TrimRight(aws.ToString(run.LogGroupName), "/")
	if base == "" {
		base = "/aws-glue/jobs"
	}
	for _, kind := range []string{"/error", "/output"} {
		out, err := o.logs.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{
			LogGroupName: aws.String(base + kind), LogStreamName: run.Id, Limit: aws.Int32(tailLines),
		})
		if err != nil {
			o.log.Warn("the job's log cannot be read", "group", base+kind, "stream", aws.ToString(run.Id), "error", err)
			continue
		}
		for _, e := range out.Events {
			lines = append(lines, strings.TrimRight(aws.ToString(e.Message), "\r\n"))
		}
		if len(lines) > 0 {
			return base + kind, lines
		}
	}
	return "", nil
}
