package ops

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
)

// tailLines is how many lines of a log an error shows.
const tailLines = 30

// runError returns the error of a run: its state, the job's message and the end of its log.
func (o *Ops) runError(ctx context.Context, run *types.JobRun) error {
	text := fmt.Sprintf("job run ended as %s (%s)", run.JobRunState, aws.ToString(run.Id))
	if message := aws.ToString(run.ErrorMessage); message != "" {
		text += ": " + message
	}
	at, tail := o.logTail(ctx, run, tailLines)
	if len(tail) > 0 {
		text += fmt.Sprintf("\nthe last lines of %s:\n  %s", at.group, strings.Join(tail, "\n  "))
	}
	return fmt.Errorf("%s", text)
}

// logTail returns the end of a run's log. It ignores a log that cannot be read,
// because the run's error is more important.
func (o *Ops) logTail(ctx context.Context, run *types.JobRun, limit int) (logPlace, []string) {
	at, lines, err := o.readLog(ctx, run, limit)
	if err != nil {
		o.log.Debug("the job's log cannot be read", "run", aws.ToString(run.Id), "error", err)
	}
	return at, lines
}

// JobRun is a run of the job as Glue reports it, even before it is in the ledger.
type JobRun struct {
	ID      string    `json:"id"`
	State   string    `json:"state"`
	Started time.Time `json:"started"`
	// Seconds is the time that Glue charges for.
	Seconds  int    `json:"seconds"`
	Error    string `json:"error,omitempty"`
	LogGroup string `json:"log_group,omitempty"`
	// Log contains the last lines of the first log that is not empty, in LogGroup.
	Log []string `json:"log"`
}

// JobRun returns a run by Glue's ID, with up to limit lines of its log.
func (o *Ops) JobRun(ctx context.Context, id string, limit int) (JobRun, error) {
	run, err := o.jobRun(ctx, id)
	if err != nil {
		return JobRun{Log: []string{}}, err
	}
	r := JobRun{
		ID: aws.ToString(run.Id), State: string(run.JobRunState), Started: aws.ToTime(run.StartedOn).UTC(),
		Seconds: int(run.ExecutionTime), Error: aws.ToString(run.ErrorMessage), Log: []string{},
	}
	if at, lines := o.logTail(ctx, run, limit); len(lines) > 0 {
		r.LogGroup, r.Log = at.group, lines
	}
	return r, nil
}

// logPlace is the location of a log in CloudWatch.
type logPlace struct{ group, stream string }

// defaultLogGroup is Glue's default prefix of log groups.
const defaultLogGroup = "/aws-glue/jobs"

// logPlaces lists where a run's log may be, the best first. The output log contains the
// script's standard output and standard error; the error log is written by Spark and Glue,
// and explains why a script did not start. The groups are those of Glue 5 and later
// under the job's prefix, with and without a security configuration, and Glue's default.
// The driver's stream is documented as RUN-driver, and used to be RUN:
// https://docs.aws.amazon.com/glue/latest/dg/monitor-continuous-logging.html
func (o *Ops) logPlaces(ctx context.Context, run *types.JobRun) []logPlace {
	var bases []string
	job, err := o.glue.GetJob(ctx, &glue.GetJobInput{JobName: aws.String(o.stack.Job)})
	if err == nil {
		bases = logBases(job.Job)
	}
	if base := strings.TrimRight(aws.ToString(run.LogGroupName), "/"); base != "" {
		bases = append(bases, base)
	}
	bases = append(bases, defaultLogGroup)
	var places []logPlace
	for _, kind := range []string{"/output", "/error"} {
		for i, base := range bases {
			if slices.Contains(bases[:i], base) {
				continue
			}
			for _, suffix := range []string{"-driver", ""} {
				places = append(places, logPlace{base + kind, aws.ToString(run.Id) + suffix})
			}
		}
	}
	return places
}

// logBases returns the names of a job's log groups without the last part.
func logBases(job *types.Job) []string {
	prefix := strings.TrimRight(job.DefaultArguments["--custom-logGroup-prefix"], "/")
	if prefix == "" {
		prefix = defaultLogGroup
	}
	role := aws.ToString(job.Role)
	secured := fmt.Sprintf("%s/%s-role/%s", prefix, aws.ToString(job.SecurityConfiguration), role[strings.LastIndex(role, "/")+1:])
	if aws.ToString(job.SecurityConfiguration) == "" {
		return []string{prefix}
	}
	return []string{secured, prefix}
}
