package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"

	"store-events/lambda/starter/internal/pipeline"
)

// at is a time in minutes of the tests' clock.
func at(minutes float64) time.Time {
	return time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC).Add(time.Duration(minutes * float64(time.Minute)))
}

// account is Glue and SQS. Its slices have the newest run first.
type account struct {
	jobs      []types.JobRun
	runs      []types.WorkflowRun
	taken     bool  // another caller starts the workflow in between
	glueError error // of every call
	queueErr  error

	started int
	paused  map[string]int32
}

func (a *account) job(state types.JobRunState, started float64) *account {
	a.jobs = append(a.jobs, types.JobRun{Id: aws.String("jr"), JobRunState: state, StartedOn: aws.Time(at(started))})
	return a
}

func (a *account) run(status types.WorkflowRunStatus, started, ended float64) *account {
	a.runs = append(a.runs, types.WorkflowRun{
		WorkflowRunId: aws.String("wr-" + strconv.Itoa(len(a.runs))), Status: status, StartedOn: aws.Time(at(started)), CompletedOn: aws.Time(at(ended)),
	})
	return a
}

func (a *account) GetJobRuns(context.Context, *glue.GetJobRunsInput, ...func(*glue.Options)) (*glue.GetJobRunsOutput, error) {
	return &glue.GetJobRunsOutput{JobRuns: a.jobs}, a.glueError
}

func (a *account) GetWorkflow(context.Context, *glue.GetWorkflowInput, ...func(*glue.Options)) (*glue.GetWorkflowOutput, error) {
	return &glue.GetWorkflowOutput{Workflow: &types.Workflow{LastRun: a.at(0)}}, a.glueError
}

func (a *account) GetWorkflowRun(_ context.Context, in *glue.GetWorkflowRunInput, _ ...func(*glue.Options)) (*glue.GetWorkflowRunOutput, error) {
	for i, r := range a.runs {
		if *r.WorkflowRunId == *in.RunId {
			return &glue.GetWorkflowRunOutput{Run: a.at(i)}, nil
		}
	}
	return nil, &types.EntityNotFoundException{}
}

// at returns a run with the one before it, or nil.
func (a *account) at(i int) *types.WorkflowRun {
	if i >= len(a.runs) {
		return nil
	}
	run := a.runs[i]
	run.PreviousRunId = aws.String("wr-" + strconv.Itoa(i+1)) // The oldest names one that Glue has forgotten.
	return &run
}

func (a *account) StartWorkflowRun(context.Context, *glue.StartWorkflowRunInput, ...func(*glue.Options)) (*glue.StartWorkflowRunOutput, error) {
	if a.taken {
		return nil, &types.ConcurrentRunsExceededException{}
	}
	a.started++
	return &glue.StartWorkflowRunOutput{RunId: aws.String("wr-new")}, nil
}

func (a *account) ChangeMessageVisibility(_ context.Context, in *sqs.ChangeMessageVisibilityInput, _ ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityOutput, error) {
	a.paused[*in.ReceiptHandle] = in.VisibilityTimeout
	return &sqs.ChangeMessageVisibilityOutput{}, a.queueErr
}

func (a *account) handler(now float64) handler {
	a.paused = map[string]int32{}
	return handler{
		settings: settings{workflow: "w", job: "j", queue: "https://queue", pauseSeconds: 7},
		pipeline: pipeline.Pipeline{Glue: a, Workflow: "w", Job: "j"},
		queue:    a, now: func() time.Time { return at(now) }, log: slog.New(slog.DiscardHandler),
	}
}

// sent is a batch of messages, named m0, m1, ..., that were sent at these times.
func sent(minutes ...float64) events.SQSEvent {
	var e events.SQSEvent
	for i, m := range minutes {
		e.Records = append(e.Records, events.SQSMessage{
			MessageId: fmt.Sprintf("m%d", i), ReceiptHandle: fmt.Sprintf("handle of m%d", i),
			Attributes: map[string]string{"SentTimestamp": strconv.FormatInt(at(m).UnixMilli(), 10)},
		})
	}
	return e
}

func TestHandle(t *testing.T) {
	const (
		completed = types.WorkflowRunStatusCompleted
		running   = types.WorkflowRunStatusRunning
		succeeded = types.JobRunStateSucceeded
	)
	failures := func(n int) *account {
		a := &account{}
		for i := range n {
			a.run(completed, float64(18-i), 19-float64(i)).job(types.JobRunStateFailed, 18.5-float64(i))
		}
		return a.run(completed, 1, 3).job(succeeded, 2)
	}
	tests := map[string]struct {
		account *account
		now     float64
		starts  bool
		done    bool // no message goes back
	}{
		"nothing ran yet":                        {&account{}, 11, true, false},
		"the last run was before":                {(&account{}).run(completed, 1, 3).job(succeeded, 2), 11, true, false},
		"a run that started after has succeeded": {(&account{}).run(completed, 11, 15).job(succeeded, 12), 16, false, true},
		"a run by hand has succeeded":            {(&account{}).job(succeeded, 12), 16, false, true},
		"a run that started before, ended after": {(&account{}).run(completed, 8, 15).job(succeeded, 9), 16, true, false},
		"the workflow crawls":                    {(&account{}).run(running, 9, 0).job(succeeded, 1), 11, false, false},
		"the job loads":                          {(&account{}).job(types.JobRunStateRunning, 9), 11, false, false},
		"the job is about to start":              {(&account{}).job(types.JobRunStateWaiting, 9), 11, false, false},
		"another caller was faster":              {&account{taken: true}, 11, false, false},
		"a run was killed":                       {(&account{}).run(types.WorkflowRunStatusStopped, 11, 12).job(types.JobRunStateStopped, 11.5), 13, true, false},
		"a crawl failed":                         {(&account{}).run(completed, 11, 12), 13, true, false},
		"two runs failed":                        {failures(2), 20, true, false},
		"three runs failed":                      {failures(3), 20, false, false},
		"five runs failed":                       {failures(5), 20, false, false},
		"three runs failed, but long ago":        {failures(3), 80, true, false},
		"it succeeded after three failures":      {failures(3).job(succeeded, 30), 31, false, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			if name == "it succeeded after three failures" {
				test.account.jobs = append(test.account.jobs[len(test.account.jobs)-1:], test.account.jobs...)
			}
			got, err := test.account.handler(test.now).handle(t.Context(), sent(4, 10, 7))
			require.NoError(t, err)
			require.Equal(t, test.starts, test.account.started == 1)
			if test.done {
				require.Empty(t, got.BatchItemFailures)
				require.Empty(t, test.account.paused)
				return
			}
			require.Equal(t, []events.SQSBatchItemFailure{{ItemIdentifier: "m1"}}, got.BatchItemFailures, "the newest stands for all")
			require.Equal(t, map[string]int32{"handle of m1": 7}, test.account.paused)
		})
	}
}

func TestAllMessagesStayIfGlueDoesNotAnswer(t *testing.T) {
	a := &account{glueError: errors.New("throttled")}
	_, err := a.handler(11).handle(t.Context(), sent(10))
	require.ErrorContains(t, err, "throttled")
	require.Zero(t, a.started)
}

func TestAMessageStaysEvenIfItsPauseCannotBeSet(t *testing.T) {
	a := &account{queueErr: errors.New("denied")}
	got, err := a.handler(11).handle(t.Context(), sent(10))
	require.NoError(t, err)
	require.Len(t, got.BatchItemFailures, 1)
}

func TestABatchWithoutTimesIsAnError(t *testing.T) {
	a := &account{}
	_, err := a.handler(11).handle(t.Context(), events.SQSEvent{})
	require.ErrorContains(t, err, "no message")
	_, err = a.handler(11).handle(t.Context(), events.SQSEvent{Records: []events.SQSMessage{{MessageId: "m"}}})
	require.ErrorContains(t, err, "message m: SentTimestamp")
	require.Zero(t, a.started)
}

func TestSettings(t *testing.T) {
	given := map[string]string{
		"STORE_EVENTS_WORKFLOW": "w", "STORE_EVENTS_JOB": "j", "STORE_EVENTS_QUEUE": "https://queue", "STORE_EVENTS_PAUSE_SECONDS": "20",
	}
	get := func(name string) string { return given[name] }
	s, err := readSettings(get)
	require.NoError(t, err)
	require.Equal(t, settings{"w", "j", "https://queue", 20}, s)
	for _, bad := range []string{"0", "43201", "soon"} {
		given["STORE_EVENTS_PAUSE_SECONDS"] = bad
		_, err = readSettings(get)
		require.ErrorContains(t, err, strconv.Quote(bad))
	}
	clear(given)
	_, err = readSettings(get)
	for _, name := range []string{"WORKFLOW", "JOB", "QUEUE", "PAUSE_SECONDS"} {
		require.ErrorContains(t, err, "STORE_EVENTS_"+name+" is not set")
	}
}
