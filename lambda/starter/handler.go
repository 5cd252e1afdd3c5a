package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"store-events/lambda/starter/internal/pipeline"
)

const (
	// maxFailures is how many runs in a row may fail before the starter waits.
	maxFailures = 3
	// failureWait is how long it then waits after each run that fails. It is the
	// time between two runs of the default schedule, so a pipeline that cannot
	// succeed costs no more with events than with a schedule.
	failureWait = time.Hour
)

// handler starts the workflow for the messages of the queue.
type handler struct {
	settings settings
	pipeline pipeline.Pipeline
	queue    queue
	now      func() time.Time
	log      *slog.Logger
}

// queue is the part of the SQS client that is used.
type queue interface {
	ChangeMessageVisibility(context.Context, *sqs.ChangeMessageVisibilityInput, ...func(*sqs.Options)) (*sqs.ChangeMessageVisibilityOutput, error)
}

// handle takes a batch of messages, each of which says that an object has arrived.
//
// A run of the job loads every object that is in the bucket when it starts, so a
// message is done when a run that started after the message has succeeded. Until
// then the newest message of the batch goes back to the queue: it stands for all
// others, which are older. So a run that fails or is killed is followed by another
// one, and objects that arrive while a run is on are loaded by the next.
//
// An error returns all messages to the queue.
func (h handler) handle(ctx context.Context, event events.SQSEvent) (events.SQSEventResponse, error) {
	newest, sent, err := newestOf(event.Records)
	if err != nil {
		h.log.Error("bad batch", "error", err)
		return events.SQSEventResponse{}, err
	}
	state, err := h.pipeline.State(ctx)
	if err != nil {
		h.log.Error("look at the pipeline", "error", err)
		return events.SQSEventResponse{}, err
	}
	log := h.log.With("messages", len(event.Records), "newest", sent.UTC().Format(time.RFC3339Nano))
	if !state.LastSuccess.Before(sent) {
		log.Info("a run has loaded these objects", "started", state.LastSuccess)
		return events.SQSEventResponse{}, nil
	}
	if err := h.start(ctx, state, log); err != nil {
		return events.SQSEventResponse{}, err
	}
	h.pause(ctx, newest)
	return events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{{ItemIdentifier: newest.MessageId}}}, nil
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
	id, err := h.pipeline.Start(ctx)
	if errors.Is(err, pipeline.ErrBusy) {
		log.Info("wait for a run that has just started")
		return nil
	}
	if err != nil {
		log.Error("start the workflow", "error", err)
		return err
	}
	log.Info("the workflow is started", "run", id)
	return nil
}

// pause hides a message for as long as the settings say. If that fails, the
// message stays hidden for the queue's own timeout, which is longer.
func (h handler) pause(ctx context.Context, m events.SQSMessage) {
	_, err := h.queue.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
		QueueUrl: &h.settings.queue, ReceiptHandle: &m.ReceiptHandle, VisibilityTimeout: h.settings.pauseSeconds,
	})
	if err != nil {
		h.log.Warn("shorten the pause of a message", "error", err)
	}
}

// newestOf returns the message that was sent last, and when.
func newestOf(messages []events.SQSMessage) (events.SQSMessage, time.Time, error) {
	var newest events.SQSMessage
	var last int64
	for _, m := range messages {
		// Milliseconds since 1970:
		// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_ReceiveMessage.html
		sent, err := strconv.ParseInt(m.Attributes["SentTimestamp"], 10, 64)
		if err != nil {
			return newest, time.Time{}, fmt.Errorf("message %s: SentTimestamp: %w", m.MessageId, err)
		}
		if sent >= last {
			newest, last = m, sent
		}
	}
	if last == 0 {
		return newest, time.Time{}, errors.New("the batch has no message")
	}
	return newest, time.UnixMilli(last), nil
}
