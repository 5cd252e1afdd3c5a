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
	// maxFailures is the number of consecutive failed runs after which the starter
	// waits.
	maxFailures = 3
	// failureWait is the wait after each further failed run, and after a successful
	// run that could not read all objects of the feed. It is the interval of the
	// default schedule, so that a failing pipeline costs at most as much as a
	// scheduled one.
	failureWait = time.Hour
	// wornReceives is the number of receives after which a reminder is replaced. Of the
	// 1000 of the queue, the rest is at least the number planned for new arrivals.
	wornReceives = 100
	// maxDelaySeconds is the limit of a message's delay:
	// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
	maxDelaySeconds = 900
	// maxDeleted is the limit of messages per DeleteMessageBatch call:
	// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_DeleteMessageBatch.html
	maxDeleted = 10
	// removeTime is the part of the function's timeout that is reserved to delete
	// messages if Glue and S3 do not respond.
	removeTime = 5 * time.Second
	// reportTime is the part of removeTime that is reserved to log the number of
	// remaining messages.
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

// queue is the part of the SQS client that the handler uses.
type queue interface {
	SendMessage(context.Context, *sqs.SendMessageInput, ...func(*sqs.Options)) (*sqs.SendMessageOutput, error)
	ChangeMessageVisibility(context.Context, *sqs.ChangeMessageVisibilityInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityOutput, error)
	DeleteMessageBatch(context.Context, *sqs.DeleteMessageBatchInput, ...func(*sqs.Options)) (*sqs.DeleteMessageBatchOutput, error)
}

// handle processes a batch of messages, which are arrivals of objects and reminders.
//
// It adds all arrivals to the feed in one file, after which their messages can be
// deleted. A reminder stays in the queue until the feed is empty, which means that
// runs of the job have loaded all objects. So a failed or killed run is followed by
// another run, which also loads objects that arrived meanwhile. Only one reminder of
// a batch is kept. While objects arrive during each run, the feed is never empty: a
// reminder that was received often is replaced, so that it does not become a dead letter.
//
// An error returns the remaining messages to the queue, and triggers the function's
// alarm: all messages if the feed was not written, else the reminders and the messages
// that could not be deleted. Objects that are then in the feed twice are loaded once.
func (h handler) handle(ctx context.Context, event events.SQSEvent) (events.SQSEventResponse, error) {
	var response events.SQSEventResponse
	kept, arrivals, err := split(event.Records)
	if err != nil {
		h.log.Error("invalid batch", "error", err)
		return response, err
	}
	if kept != nil && len(arrivals) > 0 && worn(*kept) {
		kept = nil
	}
	log := h.log.With("messages", len(event.Records), "arrivals", len(arrivals))
	if err := h.record(ctx, arrivals, kept == nil); err != nil {
		log.Error("write the feed", "error", err)
		return response, err
	}
	// A reminder is in the queue, so later failures are retried.
	done, err := h.advance(ctx, log)
	if err != nil {
		log.Error("advance the pipeline", "error", err)
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

// record adds arrivals to the feed, and sends a reminder if remind is set.
func (h handler) record(ctx context.Context, arrivals []events.SQSMessage, remind bool) error {
	if len(arrivals) == 0 {
		return nil
	}
	content := h.feed.fileOf(arrivals)
	if content.Unknown > 0 {
		h.log.Error("events about objects outside of the streams: the next run lists all objects", "events", content.Unknown)
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

// advance starts the workflow unless it has to wait, and reports whether the feed is
// empty.
func (h handler) advance(ctx context.Context, log *slog.Logger) (done bool, err error) {
	ctx, cancel := withReserve(ctx, removeTime)
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

// withReserve returns a context whose deadline, if any, is earlier than that of ctx.
func withReserve(ctx context.Context, reserve time.Duration) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return ctx, func() {}
	}
	return context.WithDeadline(ctx, deadline.Add(-reserve))
}

// start starts the workflow unless it has to wait.
func (h handler) start(ctx context.Context, state pipeline.State, log *slog.Logger) error {
	if state.Busy != "" {
		log.Info("wait for the end of the current run", "running", state.Busy)
		return nil
	}
	if next := state.LastEnd.Add(failureWait); state.Failures >= maxFailures && h.now().Before(next) {
		log.Error("too many runs have failed: run the workflow once the cause is fixed", "failures", state.Failures, "next_attempt", next)
		return nil
	}
	if next := state.LastSuccess.Add(failureWait); h.now().Before(next) {
		unchanged, err := h.feed.emptySince(ctx, state.LastSuccess)
		if err != nil {
			return err
		}
		if unchanged {
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
	log.Info("started the workflow", "run", id)
	return nil
}

// pause hides a message for the pause in the settings. If that fails, the message
// stays hidden for the queue's visibility timeout.
func (h handler) pause(ctx context.Context, m events.SQSMessage) {
	_, err := h.queue.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
		QueueUrl: &h.settings.queue, ReceiptHandle: &m.ReceiptHandle, VisibilityTimeout: h.settings.pauseSeconds,
	})
	if err != nil {
		h.log.Warn("set the pause of a message", "error", err)
	}
}

// remove deletes the messages of arrivals that are in the feed. Otherwise they would
// return with the reminders of a failed batch, and be added to the feed again. The
// remaining time may not suffice for all messages.
func (h handler) remove(ctx context.Context, arrivals []events.SQSMessage) {
	ctx, cancel := withReserve(ctx, reportTime)
	defer cancel()
	var remaining int
	var last error
	for chunk := range slices.Chunk(arrivals, maxDeleted) {
		if err := ctx.Err(); err != nil {
			remaining, last = remaining+len(chunk), err
			continue
		}
		failed, err := h.removeChunk(ctx, chunk)
		if remaining += failed; err != nil {
			last = err
		}
	}
	if remaining > 0 {
		h.log.Warn("messages of objects that are in the feed stay in the queue", "stay", remaining, "error", last)
	}
}

// removeChunk deletes messages in one call. It returns the number of messages that it
// could not delete, and the last error: SQS may reject single messages.
func (h handler) removeChunk(ctx context.Context, chunk []events.SQSMessage) (failed int, err error) {
	var entries []types.DeleteMessageBatchRequestEntry
	for i, m := range chunk {
		// Ids must be unique, but a batch can have a message twice, so do not use the message's id.
		entries = append(entries, types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: &m.ReceiptHandle})
	}
	out, err := h.queue.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &h.settings.queue, Entries: entries})
	if err != nil {
		return len(chunk), err
	}
	for _, f := range out.Failed {
		err = fmt.Errorf("%s: %s", aws.ToString(f.Code), aws.ToString(f.Message))
	}
	return len(out.Failed), err
}

// worn reports whether a message was received often. SQS counts the receives:
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
func worn(m events.SQSMessage) bool {
	n, err := strconv.Atoi(m.Attributes["ApproximateReceiveCount"])
	return err == nil && n >= wornReceives
}

// split returns the newest reminder, if any, and the arrivals. Older reminders have
// been received more often, and would become dead letters sooner.
func split(messages []events.SQSMessage) (kept *events.SQSMessage, arrivals []events.SQSMessage, err error) {
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
