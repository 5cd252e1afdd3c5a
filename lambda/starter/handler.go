package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"store-events/lambda/starter/internal/pipeline"
	"store-events/schema"
)

const (
	// maxFailures is how many runs in a row may fail before the starter waits.
	maxFailures = 3
	// failureWait is how long it then waits after each run that fails, and after a
	// run that succeeded and left files of objects that it could not read. It is the
	// time between two runs of the default schedule, so a pipeline that cannot
	// load everything costs no more with events than with a schedule.
	failureWait = time.Hour
	// maxDelaySeconds is the longest delay of a message:
	// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
	maxDelaySeconds = 900
	// maxDeleted is how many messages one call deletes:
	// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessageBatch.html
	maxDeleted = 10
	// removeTime is what is kept of the function's time to delete messages, if Glue
	// and S3 do not answer.
	removeTime = 5 * time.Second
	// reportTime is what is kept of that to log how many messages stay.
	reportTime = 500 * time.Millisecond
)

// handler starts the workflow for the messages of the queue.
type handler struct {
	settings settings
	pipeline pipeline.Pipeline
	queue    queue
	feed     feed
	now      func() time.Time
	log      *slog.Logger
}

// queue is the part of the SQS client that is used.
type queue interface {
	SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
	ChangeMessageVisibility(context.Context, *sqs.ChangeMessageVisibilityInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityOutput, error)
	DeleteMessageBatch(context.Context, *sqs.DeleteMessageBatchInput, ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error)
}

// handle takes a batch of messages, each of which says that an object has arrived, or
// reminds of the feed.
//
// What arrived goes to the feed, in one file, and its messages are done. A reminder
// stays in the queue until the feed is empty, which is when runs of the job have
// loaded all that it named. So a run that fails or is killed is followed by another
// one, and objects that arrive during a run are loaded by the next. One reminder
// of a batch stands for all.
//
// An error returns to the queue what is still in it, and counts for the alarm of the
// function. Before what arrived is in the feed that is all messages, later the
// reminders and what could not be deleted. Objects that are then named twice are
// loaded once.
func (h handler) handle(ctx context.Context, event events.SQSEvent) (events.SQSEventResponse, error) {
	var response events.SQSEventResponse
	kept, arrivals, err := sorted(event.Records)
	if err != nil {
		h.log.Error("bad batch", "error", err)
		return response, err
	}
	log := h.log.With("messages", len(event.Records), "arrivals", len(arrivals))
	if err := h.record(ctx, arrivals, kept == nil); err != nil {
		log.Error("write the feed", "error", err)
		return response, err
	}
	// From here on nothing is lost, whatever fails: a reminder is in the queue.
	done, err := h.advance(ctx, log)
	if err != nil {
		log.Error("look at the pipeline", "error", err)
		h.remove(ctx, arrivals)
		return response, err
	}
	if kept == nil || done {
		return response, nil
	}
	h.pause(ctx, *kept)
	response.BatchItemFailures = []events.SQSBatchItemFailure{{ItemIdentifier: kept.MessageId}}
	return response, nil
}

// record adds what arrived to the feed, and sends a reminder if it has to.
func (h handler) record(ctx context.Context, arrivals []events.SQSMessage, remind bool) error {
	if len(arrivals) == 0 {
		return nil
	}
	content := h.feed.fileOf(arrivals)
	if content.Unknown > 0 {
		h.log.Error("events that are not of an object below a stream: the next run lists everything", "events", content.Unknown)
	}
	if err := h.feed.add(ctx, content, h.now()); err != nil || !remind {
		return err
	}
	_, err := h.queue.SendMessage(ctx, &sqs.SendMessageInput{
		QueueUrl: &h.settings.queue, MessageBody: aws.String(reminder()), DelaySeconds: min(h.settings.pauseSeconds, maxDelaySeconds),
	})
	if err != nil {
		return fmt.Errorf("send a reminder: %w", err)
	}
	return nil
}

// advance starts the workflow unless it has to wait, and reports whether there is
// nothing left to do.
func (h handler) advance(ctx context.Context, log *slog.Logger) (done bool, err error) {
	ctx, cancel := endEarlier(ctx, removeTime)
	defer cancel()
	if done, err = h.feed.empty(ctx); err != nil || done {
		return done, err
	}
	state, err := h.pipeline.State(ctx)
	if err != nil {
		return false, err
	}
	return false, h.start(ctx, state, log)
}

// endEarlier returns a context that ends so long before ctx, if that has an end.
func endEarlier(ctx context.Context, by time.Duration) (context.Context, context.CancelFunc) {
	end, limited := ctx.Deadline()
	if !limited {
		return ctx, func() {}
	}
	return context.WithDeadline(ctx, end.Add(-by))
}

// start starts the workflow unless it has to wait.
func (h handler) start(ctx context.Context, state pipeline.State, log *slog.Logger) error {
	if state.Busy != "" {
		log.Info("wait for the end of what is running", "running", state.Busy)
		return nil
	}
	if next := state.LastEnd.Add(failureWait); state.Failures >= maxFailures && h.now().Before(next) {
		log.Error("too many runs have failed: run the workflow once the cause is fixed", "failures", state.Failures, "next_attempt", next)
		return nil
	}
	if next := state.LastSuccess.Add(failureWait); h.now().Before(next) {
		left, err := h.feed.emptySince(ctx, state.LastSuccess)
		if err != nil {
			return err
		}
		if left {
			log.Warn("the last run could not read all objects of the feed", "next_attempt", next)
			return nil
		}
	}
	contract := schema.Load()
	id, err := h.pipeline.Start(ctx, map[string]string{contract.JobOptions.Listing: contract.Listings.Feed})
	if errors.Is(err, pipeline.ErrBusy) {
		log.Info("wait for a run that has just started")
		return nil
	}
	if err != nil {
		return err
	}
	log.Info("the workflow is started", "run", id)
	return nil
}

// pause hides a message for as long as the settings say. If that fails, the
// message stays hidden for the queue's own timeout.
func (h handler) pause(ctx context.Context, m events.SQSMessage) {
	_, err := h.queue.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
		QueueUrl: &h.settings.queue, ReceiptHandle: &m.ReceiptHandle, VisibilityTimeout: h.settings.pauseSeconds,
	})
	if err != nil {
		h.log.Warn("set the pause of a message", "error", err)
	}
}

// remove deletes the messages of what is in the feed. Otherwise they come back with the
// reminders of a batch that fails, and are written to the feed again each time. A batch
// may be too large for the time that is left.
func (h handler) remove(ctx context.Context, arrivals []events.SQSMessage) {
	ctx, cancel := endEarlier(ctx, reportTime)
	defer cancel()
	var left int
	var last error
	for some := range slices.Chunk(arrivals, maxDeleted) {
		if err := ctx.Err(); err != nil {
			left, last = left+len(some), err
			continue
		}
		failed, err := h.removeSome(ctx, some)
		if left += failed; err != nil {
			last = err
		}
	}
	if left > 0 {
		h.log.Warn("messages of objects that are in the feed stay in the queue", "stay", left, "error", last)
	}
}

// removeSome deletes as many messages as one call takes. It returns how many it could
// not delete, and why: SQS may refuse single ones.
func (h handler) removeSome(ctx context.Context, some []events.SQSMessage) (failed int, err error) {
	var entries []types.DeleteMessageBatchRequestEntry
	for i, m := range some {
		// Not the message's own id: a batch may have a message twice, and ids must differ.
		entries = append(entries, types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: &m.ReceiptHandle})
	}
	out, err := h.queue.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &h.settings.queue, Entries: entries})
	if err != nil {
		return len(some), err
	}
	for _, f := range out.Failed {
		err = fmt.Errorf("%s: %s", aws.ToString(f.Code), aws.ToString(f.Message))
	}
	return len(out.Failed), err
}

// sorted returns the reminder that was sent last, nil without one, and the messages
// that are not reminders. The others have come back more often, and would become
// dead letters sooner.
func sorted(messages []events.SQSMessage) (kept *events.SQSMessage, arrivals []events.SQSMessage, err error) {
	if len(messages) == 0 {
		return nil, nil, errNoMessages
	}
	var last int64
	for i, m := range messages {
		if !isReminder(m) {
			arrivals = append(arrivals, m)
			continue
		}
		// Milliseconds since 1970:
		// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
		sent, err := strconv.ParseInt(m.Attributes["SentTimestamp"], 10, 64)
		if err != nil {
			return nil, nil, fmt.Errorf("message %s: SentTimestamp: %w", m.MessageId, err)
		}
		if sent >= last {
			kept, last = &messages[i], sent
		}
	}
	return kept, arrivals, nil
}
