// Package deliveries implements EventBridge's delivery of events to queues. It checks the policies of the queue and its
// key, and sends undeliverable events to the target's dead-letter queue.
package deliveries

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"localaws/ministack"
)

// retryPause is the time before a retry after an error.
const retryPause = time.Second

// Options configure a Service.
type Options struct {
	// Queues is the configuration for the account with the target queues, Outbox that for ministack.OutboxAccount.
	Queues, Outbox aws.Config
	// Allowed reports whether a rule's event may be delivered to a queue. The arguments are ARNs.
	Allowed func(ctx context.Context, queue, rule string) (bool, error)
	Log     *slog.Logger
}

// Service delivers events until Close.
type Service struct {
	queues, outbox *sqs.Client
	options        Options
	cancel         context.CancelFunc
	done           sync.WaitGroup
}

// New starts a Service.
func New(o Options) *Service {
	ctx, cancel := context.WithCancel(context.Background())
	s := &Service{queues: sqs.NewFromConfig(o.Queues), outbox: sqs.NewFromConfig(o.Outbox), options: o, cancel: cancel}
	s.done.Go(func() { s.run(ctx) })
	return s
}

// Close ends the deliveries. Undelivered events stay in the outbox.
func (s *Service) Close() {
	s.cancel()
	s.done.Wait()
}

func (s *Service) run(ctx context.Context) {
	var outbox string
	for ctx.Err() == nil {
		err := error(nil)
		if outbox == "" {
			outbox, err = s.open(ctx)
		} else {
			err = s.deliverBatch(ctx, outbox)
		}
		if err == nil || ctx.Err() != nil {
			continue
		}
		s.options.Log.Error("deliver events", "error", err)
		select {
		case <-ctx.Done():
		case <-time.After(retryPause):
		}
	}
}

// open returns the URL of the outbox, and creates it if it does not exist.
func (s *Service) open(ctx context.Context) (string, error) {
	out, err := s.outbox.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: aws.String(ministack.Outbox)})
	if err != nil {
		return "", fmt.Errorf("create the outbox of EventBridge: %w", err)
	}
	return aws.ToString(out.QueueUrl), nil
}

func (s *Service) deliverBatch(ctx context.Context, outbox string) error {
	received, err := s.outbox.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{QueueUrl: &outbox, MaxNumberOfMessages: 10, WaitTimeSeconds: 20})
	if err != nil {
		return err
	}
	var delivered []types.DeleteMessageBatchRequestEntry
	var failed error
	for _, m := range received.Messages {
		if err := s.deliver(ctx, aws.ToString(m.Body)); err != nil {
			failed = errors.Join(failed, err) // SQS redelivers it after the visibility timeout.
			continue
		}
		delivered = append(delivered, types.DeleteMessageBatchRequestEntry{Id: m.MessageId, ReceiptHandle: m.ReceiptHandle})
	}
	if len(delivered) == 0 {
		return failed
	}
	_, err = s.outbox.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &outbox, Entries: delivered})
	return errors.Join(failed, err)
}

// envelope is a message that events.py sends to the outbox.
type envelope struct {
	Queue, Rule, Dead, Event string
	Parameters               struct{ MessageGroupID string }
}

// deliver sends an event to its queue. Like EventBridge, it retries all errors except a denied request and a missing
// queue.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-rule-dlq.html
func (s *Service) deliver(ctx context.Context, text string) error {
	var e envelope
	if err := json.Unmarshal([]byte(text), &e); err != nil {
		return fmt.Errorf("event in the outbox: %w", err)
	}
	code, err := s.send(ctx, e, e.Queue, nil)
	if code == "" || err != nil {
		return err
	}
	s.options.Log.Warn("event not delivered", "queue", e.Queue, "rule", e.Rule, "reason", code)
	if e.Dead == "" {
		return nil
	}
	attributes := map[string]types.MessageAttributeValue{}
	for name, value := range map[string]string{"RULE_ARN": e.Rule, "TARGET_ARN": e.Queue, "ERROR_CODE": code} {
		attributes[name] = types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(value)}
	}
	if code, err = s.send(ctx, e, e.Dead, attributes); code != "" {
		s.options.Log.Error("event lost", "queue", e.Dead, "reason", code)
	}
	return err
}

// send sends an event to a queue. It returns EventBridge's error code if the event cannot be delivered, or "".
func (s *Service) send(ctx context.Context, e envelope, queue string, attributes map[string]types.MessageAttributeValue) (string, error) {
	allowed, err := s.options.Allowed(ctx, queue, e.Rule)
	if err != nil {
		return "", err
	}
	if !allowed {
		return "NO_PERMISSIONS", nil
	}
	in := &sqs.SendMessageInput{QueueUrl: aws.String(URL(queue)), MessageBody: &e.Event, MessageAttributes: attributes}
	if e.Parameters.MessageGroupID != "" {
		in.MessageGroupId = &e.Parameters.MessageGroupID
	}
	_, err = s.queues.SendMessage(ctx, in)
	if missing := new(types.QueueDoesNotExist); errors.As(err, &missing) {
		return "NO_RESOURCE", nil
	}
	return "", err
}

// URL returns the emulator's address of a queue.
func URL(arn string) string {
	parts := strings.Split(arn, ":")
	if len(parts) < 6 {
		return arn
	}
	return ministack.URL + "/" + parts[4] + "/" + parts[5]
}
