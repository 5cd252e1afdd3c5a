package eventsource

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	sqstypes "github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"localaws/deliveries"
)

const (
	// defaultBatch is Lambda's default, and defaultConcurrency its initial number of concurrent batches.
	defaultBatch       = 10
	defaultConcurrency = 5
	// maxPayload is Lambda's maximum size of a call's payload.
	// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
	maxPayload = 6 << 20
	// perMessage is the approximate size of a message in a call, without the body.
	perMessage = 1 << 10
	longPoll   = 20 * time.Second
	errorPause = 5 * time.Second
)

// poller collects the messages of one mapping in batches, and calls the function.
type poller struct {
	service   *Service
	queue     string // ARN
	function  string // ARN
	size      int
	window    time.Duration
	reporting bool
	// slots limits concurrent calls.
	slots chan struct{}
}

func newPoller(s *Service, m types.EventSourceMappingConfiguration) *poller {
	p := &poller{
		service: s, queue: aws.ToString(m.EventSourceArn), function: aws.ToString(m.FunctionArn), size: defaultBatch,
		window: time.Duration(aws.ToInt32(m.MaximumBatchingWindowInSeconds)) * time.Second,
	}
	if m.BatchSize != nil {
		p.size = int(*m.BatchSize)
	}
	for _, kind := range m.FunctionResponseTypes {
		p.reporting = p.reporting || kind == types.FunctionResponseTypeReportBatchItemFailures
	}
	concurrency := defaultConcurrency
	if m.ScalingConfig != nil && m.ScalingConfig.MaximumConcurrency != nil {
		concurrency = int(*m.ScalingConfig.MaximumConcurrency)
	}
	p.slots = make(chan struct{}, concurrency)
	return p
}

// batch contains the messages for one call.
type batch struct {
	messages []sqstypes.Message
	bytes    int
	ends     time.Time
}

func (b *batch) add(messages []sqstypes.Message, window time.Duration) {
	if len(b.messages) == 0 && len(messages) > 0 {
		b.ends = time.Now().Add(window)
	}
	for _, m := range messages {
		b.messages = append(b.messages, m)
		b.bytes += len(aws.ToString(m.Body)) + perMessage
	}
}

// due reports whether to call the function with the batch: it is full, its window has ended, or ten more messages of
// 256 KiB may not fit into the payload.
func (b *batch) due(size int) bool {
	const nextReceive = 10 * (256<<10 + perMessage)
	return len(b.messages) > 0 && (len(b.messages) >= size || b.bytes+nextReceive > maxPayload || !time.Now().Before(b.ends))
}

// run collects batches and calls the function until the context ends. It returns when all calls have ended.
func (p *poller) run(ctx context.Context) {
	defer func() { // Wait for the calls.
		for range cap(p.slots) {
			p.slots <- struct{}{}
		}
	}()
	var b batch
	for ctx.Err() == nil {
		messages, err := p.receive(ctx, &b)
		if err != nil {
			p.pause(ctx, err)
			continue
		}
		b.add(messages, p.window)
		if !b.due(p.size) {
			continue
		}
		select {
		case <-ctx.Done():
			return
		case p.slots <- struct{}{}:
		}
		messages = b.messages
		b = batch{}
		go func() {
			defer func() { <-p.slots }()
			if err := p.call(p.service.calls, messages); err != nil {
				p.service.options.Log.Warn("call a function with messages", "function", p.function, "messages", len(messages), "error", err)
			}
		}()
	}
}

func (p *poller) pause(ctx context.Context, err error) {
	if ctx.Err() != nil {
		return
	}
	p.service.options.Log.Warn("poll a queue", "queue", p.queue, "function", p.function, "error", err)
	select {
	case <-ctx.Done():
	case <-time.After(errorPause):
	}
}

// act returns a context for requests with the function's role.
func (p *poller) act(ctx context.Context) (context.Context, error) {
	f, err := p.service.functions.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &p.function})
	if err != nil {
		return nil, err
	}
	return p.service.options.Act(ctx, aws.ToString(f.Role))
}

// receive receives messages for the batch. It waits until the batch's window ends.
func (p *poller) receive(ctx context.Context, b *batch) ([]sqstypes.Message, error) {
	wait := longPoll
	if len(b.messages) > 0 {
		wait = min(wait, max(0, time.Until(b.ends)))
	}
	role, err := p.act(ctx)
	if err != nil {
		return nil, err
	}
	out, err := p.service.queues.ReceiveMessage(role, &sqs.ReceiveMessageInput{
		QueueUrl:            aws.String(deliveries.URL(p.queue)),
		MaxNumberOfMessages: int32(min(10, p.size-len(b.messages))),        //nolint:gosec // at most 10
		WaitTimeSeconds:     int32((wait + time.Second - 1) / time.Second), //nolint:gosec // at most 20
		MessageSystemAttributeNames: []sqstypes.MessageSystemAttributeName{
			sqstypes.MessageSystemAttributeNameAll,
		},
		MessageAttributeNames: []string{"All"},
	})
	if err != nil {
		return nil, err
	}
	return out.Messages, nil
}
