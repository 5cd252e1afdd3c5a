package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/glue/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/stretchr/testify/require"

	"store-events/lambda/starter/internal/pipeline"
)

// at returns the time some minutes after the start of the tests' clock.
func at(minutes float64) time.Time {
	return time.Date(2026, 11, 28, 12, 0, 0, 0, time.UTC).Add(time.Duration(minutes * float64(time.Minute)))
}

// account is a fake Glue, SQS and S3. Its slices have the newest run first.
type account struct {
	jobs      []types.JobRun
	runs      []types.WorkflowRun
	taken     bool  // another caller has just started the workflow
	glueError error // returned by every call
	hangs     bool  // Glue does not respond.
	queueErr  error
	s3Err     error

	deleted  [][]string // Handles of the messages, by call.
	deletes  int        // The number of calls that delete messages.
	failing  int        // The number of the failing one, from 1.
	kept     string     // The handle that cannot be deleted.
	started  int
	with     map[string]string // The properties of the run that was started.
	paused   map[string]int32
	reminded []int32 // Delays of the reminders that were sent.
	feed     []string
	added    float64 // When the feed's files were added.
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

func (a *account) GetJobRuns(ctx context.Context, _ *glue.GetJobRunsInput, _ ...func(*glue.Options)) (*glue.GetJobRunsOutput, error) {
	if a.hangs {
		<-ctx.Done()
		return nil, ctx.Err()
	}
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
	run.PreviousRunId = aws.String("wr-" + strconv.Itoa(i+1)) // Glue no longer has the oldest one.
	return &run
}

func (a *account) StartWorkflowRun(_ context.Context, in *glue.StartWorkflowRunInput, _ ...func(*glue.Options)) (*glue.StartWorkflowRunOutput, error) {
	if a.taken {
		return nil, &types.ConcurrentRunsExceededException{}
	}
	a.started, a.with = a.started+1, in.RunProperties
	return &glue.StartWorkflowRunOutput{RunId: aws.String("wr-new")}, nil
}

func (a *account) ChangeMessageVisibility(_ context.Context, in *sqs.ChangeMessageVisibilityInput, _ ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityOutput, error) {
	a.paused[*in.ReceiptHandle] = in.VisibilityTimeout
	return &sqs.ChangeMessageVisibilityOutput{}, a.queueErr
}

func (a *account) DeleteMessageBatch(ctx context.Context, in *sqs.DeleteMessageBatchInput, _ ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error) {
	a.deletes++
	if err := cmp.Or(ctx.Err(), a.queueErr); err != nil {
		return nil, err
	}
	if a.deletes == a.failing {
		return nil, errors.New("unavailable")
	}
	ids, handles, out := map[string]bool{}, []string(nil), &sqs.DeleteMessageBatchOutput{}
	for _, e := range in.Entries {
		if ids[*e.Id] {
			return nil, &sqstypes.BatchEntryIdsNotDistinct{}
		}
		ids[*e.Id] = true
		if *e.ReceiptHandle == a.kept {
			out.Failed = append(out.Failed, sqstypes.BatchResultErrorEntry{Id: e.Id, Code: aws.String("InternalError"), Message: aws.String("try again")})
			continue
		}
		handles = append(handles, *e.ReceiptHandle)
	}
	a.deleted = append(a.deleted, handles)
	return out, nil
}

func (a *account) SendMessage(_ context.Context, in *sqs.SendMessageInput, _ ...func(*sqs.Options)) (*sqs.SendMessageOutput, error) {
	if a.queueErr != nil {
		return nil, a.queueErr
	}
	if !isReminder(events.SQSMessage{Body: *in.MessageBody}) {
		return nil, errors.New("not a reminder: " + *in.MessageBody)
	}
	a.reminded = append(a.reminded, in.DelaySeconds)
	return &sqs.SendMessageOutput{}, nil
}

func (a *account) PutObject(_ context.Context, in *s3.PutObjectInput, _ ...func(*s3.Options)) (*s3.PutObjectOutput, error) {
	if a.s3Err != nil {
		return nil, a.s3Err
	}
	body, err := io.ReadAll(in.Body)
	if *in.Bucket != "events" || !strings.HasPrefix(*in.Key, "feed/20261128T12") {
		return nil, errors.New("not a file of the feed: " + *in.Key)
	}
	a.feed = append(a.feed, string(body))
	return &s3.PutObjectOutput{}, err
}

func (a *account) ListObjectsV2(_ context.Context, in *s3.ListObjectsV2Input, _ ...func(*s3.Options)) (*s3.ListObjectsV2Output, error) {
	out := &s3.ListObjectsV2Output{}
	if *in.Prefix == "feed/" && "feed/"+stamp(at(a.added)) > aws.ToString(in.StartAfter) {
		out.Contents = make([]s3types.Object, min(len(a.feed), int(*in.MaxKeys)))
	}
	return out, a.s3Err
}

func (a *account) handler(now float64) handler {
	a.paused = map[string]int32{}
	return handler{
		settings: settings{workflow: "w", job: "j", bucket: "events", queue: "https://queue", pauseSeconds: 7},
		feed:     feed{storage: a, bucket: "events"},
		pipeline: pipeline.Pipeline{Glue: a, Workflow: "w", Job: "j"},
		queue:    a, now: func() time.Time { return at(now) }, log: slog.New(slog.DiscardHandler),
	}
}

// reminders returns a batch of reminders, named m0, m1, ..., sent at these times.
func reminders(minutes ...float64) []events.SQSMessage {
	var found []events.SQSMessage
	for i, m := range minutes {
		found = append(found, events.SQSMessage{
			MessageId: fmt.Sprintf("m%d", i), ReceiptHandle: fmt.Sprintf("handle of m%d", i), Body: reminder(),
			Attributes: map[string]string{"SentTimestamp": strconv.FormatInt(at(m).UnixMilli(), 10)},
		})
	}
	return found
}

// arrivals returns S3's events for objects.
func arrivals(keys ...string) []events.SQSMessage {
	var found []events.SQSMessage
	for i, key := range keys {
		body, _ := json.Marshal(map[string]any{
			"source": "aws.s3", "detail": map[string]any{"bucket": map[string]any{"name": "events"}, "object": map[string]any{"key": key}},
		})
		found = append(found, events.SQSMessage{MessageId: fmt.Sprintf("a%d", i), ReceiptHandle: fmt.Sprintf("handle of a%d", i), Body: string(body)})
	}
	return found
}

func batch(messages ...[]events.SQSMessage) events.SQSEvent {
	return events.SQSEvent{Records: slices.Concat(messages...)}
}

func TestReminders(t *testing.T) {
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
	}{
		"nothing ran yet":                 {&account{}, 11, true},
		"the last run was before":         {(&account{}).run(completed, 1, 3).job(succeeded, 2), 11, true},
		"a run has succeeded since":       {(&account{}).run(completed, 11, 15).job(succeeded, 12), 16, true},
		"the workflow starts its job":     {(&account{}).run(running, 9, 0).job(succeeded, 1), 11, false},
		"the job loads":                   {(&account{}).job(types.JobRunStateRunning, 9), 11, false},
		"the job is about to start":       {(&account{}).job(types.JobRunStateWaiting, 9), 11, false},
		"another caller was faster":       {&account{taken: true}, 11, false},
		"a run was killed":                {(&account{}).run(types.WorkflowRunStatusStopped, 11, 12).job(types.JobRunStateStopped, 11.5), 13, true},
		"a run ended before its job":      {(&account{}).run(completed, 11, 12), 13, true},
		"two runs failed":                 {failures(2), 20, true},
		"three runs failed":               {failures(3), 20, false},
		"five runs failed":                {failures(5), 20, false},
		"three runs failed, but long ago": {failures(3), 80, true},
	}
	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			test.account.feed, test.account.added = []string{"{}"}, 15
			got, err := test.account.handler(test.now).handle(t.Context(), batch(reminders(4, 10, 7)))
			require.NoError(t, err)
			require.Equal(t, test.starts, test.account.started == 1)
			if test.starts {
				require.Equal(t, map[string]string{"listing": "feed"}, test.account.with)
			}
			require.Equal(t, []events.SQSBatchItemFailure{{ItemIdentifier: "m1"}}, got.BatchItemFailures, "the newest reminder replaces the others")
			require.Equal(t, map[string]int32{"handle of m1": 7}, test.account.paused)
			require.Empty(t, test.account.reminded)
		})
	}
}

// A successful run may leave feed files with objects that it could not read.
func TestFeedFilesThatARunLeft(t *testing.T) {
	for now, starts := range map[float64]int{11: 0, 61: 0, 62.1: 1} {
		a := (&account{feed: []string{"{}"}, added: 1}).run(types.WorkflowRunStatusCompleted, 1, 3).job(types.JobRunStateSucceeded, 2)
		got, err := a.handler(now).handle(t.Context(), batch(reminders(1)))
		require.NoError(t, err)
		require.Equal(t, starts, a.started, "after %v minutes", now)
		require.Len(t, got.BatchItemFailures, 1, "the reminder is kept")
		a.started, a.added = 0, 2.5
		_, err = a.handler(now).handle(t.Context(), batch(reminders(1)))
		require.NoError(t, err)
		require.Equal(t, 1, a.started, "a new file starts a run immediately")
	}
}

func TestEmptyFeedEndsReminders(t *testing.T) {
	for name, a := range map[string]*account{"idle": {}, "busy": (&account{}).job(types.JobRunStateRunning, 9)} {
		got, err := a.handler(11).handle(t.Context(), batch(reminders(4, 10)))
		require.NoError(t, err, name)
		require.Empty(t, got.BatchItemFailures, name)
		require.Zero(t, a.started, name)
	}
}

func TestArrivalsGoToTheFeed(t *testing.T) {
	a := &account{}
	got, err := a.handler(11).handle(t.Context(), batch(arrivals("sale_events/dt=2026-11-28/b +%2F\x01.json", "inventory_events/a.json", "inventory_events/a.json")))
	require.NoError(t, err)
	require.Empty(t, got.BatchItemFailures, "they are in the feed")
	require.Equal(t, []string{`{"keys":["inventory_events/a.json","sale_events/dt=2026-11-28/b +%2F\u0001.json"]}`}, a.feed)
	require.Equal(t, []int32{7}, a.reminded)
	require.Equal(t, 1, a.started)

	got, err = a.handler(11).handle(t.Context(), batch(arrivals("sale_events/c.json"), reminders(4)))
	require.NoError(t, err)
	require.Equal(t, []events.SQSBatchItemFailure{{ItemIdentifier: "m0"}}, got.BatchItemFailures)
	require.Len(t, a.feed, 2)
	require.Len(t, a.reminded, 1, "the reminder of the batch is enough")
}

// The feed of a busy pipeline is never empty. Its reminder must not be a dead letter before the
// runs that the newest objects wait for.
func TestWornReminderIsReplacedWhenObjectsArrive(t *testing.T) {
	for count, replaced := range map[string]bool{"": false, "99": false, "100": true, "1000": true} {
		a := (&account{feed: []string{"{}"}}).job(types.JobRunStateRunning, 9)
		messages := batch(arrivals("sale_events/a.json"), reminders(4))
		messages.Records[1].Attributes["ApproximateReceiveCount"] = count
		got, err := a.handler(11).handle(t.Context(), messages)
		require.NoError(t, err)
		require.Equal(t, replaced, len(got.BatchItemFailures) == 0, count)
		require.Equal(t, replaced, len(a.reminded) == 1, count)
	}
	a := (&account{feed: []string{"{}"}}).job(types.JobRunStateRunning, 9)
	messages := batch(reminders(4))
	messages.Records[0].Attributes["ApproximateReceiveCount"] = "1000"
	got, err := a.handler(11).handle(t.Context(), messages)
	require.NoError(t, err)
	require.Len(t, got.BatchItemFailures, 1, "a pipeline that never loads the feed gives up")
}

func TestUnreadableEventsAreCounted(t *testing.T) {
	a := &account{}
	other := arrivals("sale_events/a.json", "curated/b.parquet")
	other = append(other, events.SQSMessage{Body: "not JSON"}, events.SQSMessage{Body: `{"detail":{"bucket":{"name":"other"},"object":{"key":"sale_events/a.json"}}}`})
	_, err := a.handler(11).handle(t.Context(), batch(other))
	require.NoError(t, err)
	require.Equal(t, []string{`{"keys":["sale_events/a.json"],"unknown":3}`}, a.feed)
}

func TestArrivalsAreKeptUntilTheyAreInTheFeed(t *testing.T) {
	for name, a := range map[string]*account{"S3": {s3Err: errors.New("denied")}, "SQS": {queueErr: errors.New("denied")}} {
		_, err := a.handler(11).handle(t.Context(), batch(arrivals("sale_events/a.json")))
		require.ErrorContains(t, err, "denied", name)
		require.Zero(t, a.started, name)
	}
}

// After an error only the reminder is received again. Arrivals are in the feed, and their
// messages must not be written there again.
func TestReminderIsKeptIfGlueDoesNotRespond(t *testing.T) {
	a := &account{glueError: errors.New("throttled"), feed: []string{"{}"}}
	_, err := a.handler(11).handle(t.Context(), batch(reminders(10), arrivals("sale_events/a.json")))
	require.ErrorContains(t, err, "throttled")
	require.Equal(t, [][]string{{"handle of a0"}}, a.deleted)
	require.Empty(t, a.paused, "it stays invisible for the queue's timeout")
	require.Zero(t, a.started)
	require.Len(t, a.feed, 2)
}

// A run that is running, or was just started, is not a failure: its reminder has the regular
// delay.
func TestRunningPipelineIsNotAFailure(t *testing.T) {
	for name, a := range map[string]*account{"the job loads": (&account{}).job(types.JobRunStateRunning, 9), "another caller was faster": {taken: true}} {
		a.feed = []string{"{}"}
		got, err := a.handler(11).handle(t.Context(), batch(reminders(10), arrivals("sale_events/a.json")))
		require.NoError(t, err, name)
		require.Len(t, got.BatchItemFailures, 1, name)
		require.Empty(t, a.deleted, name)
	}
}

func TestReminderIsKeptIfItsPauseCannotBeSet(t *testing.T) {
	a := &account{queueErr: errors.New("denied"), feed: []string{"{}"}}
	got, err := a.handler(11).handle(t.Context(), batch(reminders(10)))
	require.NoError(t, err)
	require.Len(t, got.BatchItemFailures, 1)
}

func TestLongPauseIsLimitedToSQSDelay(t *testing.T) {
	a := &account{}
	h := a.handler(11)
	h.settings.pauseSeconds = 3000
	_, err := h.handle(t.Context(), batch(arrivals("sale_events/a.json")))
	require.NoError(t, err)
	require.Equal(t, []int32{900}, a.reminded)
}

func TestBatchWithoutTimesIsAnError(t *testing.T) {
	a := &account{}
	_, err := a.handler(11).handle(t.Context(), events.SQSEvent{})
	require.ErrorContains(t, err, "no message")
	_, err = a.handler(11).handle(t.Context(), events.SQSEvent{Records: []events.SQSMessage{{MessageId: "m", Body: reminder()}}})
	require.ErrorContains(t, err, "message m: SentTimestamp")
	require.Zero(t, a.started)
}

func TestSettings(t *testing.T) {
	given := map[string]string{
		"STORE_EVENTS_WORKFLOW": "w", "STORE_EVENTS_JOB": "j", "STORE_EVENTS_BUCKET": "events", "STORE_EVENTS_QUEUE": "https://queue", "STORE_EVENTS_PAUSE_SECONDS": "20",
	}
	get := func(name string) string { return given[name] }
	s, err := readSettings(get)
	require.NoError(t, err)
	require.Equal(t, settings{workflow: "w", job: "j", bucket: "events", queue: "https://queue", pauseSeconds: 20}, s)
	for _, bad := range []string{"0", "43201", "soon"} {
		given["STORE_EVENTS_PAUSE_SECONDS"] = bad
		_, err = readSettings(get)
		require.ErrorContains(t, err, strconv.Quote(bad))
	}
	clear(given)
	_, err = readSettings(get)
	for _, name := range []string{"WORKFLOW", "JOB", "BUCKET", "QUEUE", "PAUSE_SECONDS"} {
		require.ErrorContains(t, err, "STORE_EVENTS_"+name+" is not set")
	}
}
