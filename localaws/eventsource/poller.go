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
	// defaultBatch and defaultConcurrency are Lambda's: it begins with five
	// concurrent batches.
	defaultBatch       = 10
	defaultConcurrency = 5
	// maxPayload ends a batch: a call takes 6 MB.
	// https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html
	maxPayload = 6 << 20
	// perMessage is how many bytes a message adds to a call, besides its body.
	perMessage = 1 << 10
	longPoll   = 20 * time.Second
	errorPause = 5 * time.Second
)

// poller gathers the messages of one mapping.
type poller struct {
	service   *Service
	queue     string // ARN
	function  string // ARN
	size      int
	window    time.Duration
	reporting bool
	// slots bound the calls at a time.
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

// batch is what is gathered for one call.
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

// due reports whether the function is to be called with what there is. The next receipt must fit into the payload:
// ten messages of at most 256 KiB.
func (b *batch) due(size int) bool {
	const nextReceipt = 10 * (256<<10 + perMessage)
	return len(b.messages) > 0 && (len(b.messages) >= size || b.bytes+nextReceipt > maxPayload || !time.Now().Before(b.ends))
}

// run gathers batches and calls the function, until the context ends and the calls are over.
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
		whole := b.messages
		b = batch{}
		go func() {
			defer func() { <-p.slots }()
			if err := p.call(p.service.calls, whole); err != nil {
				p.service.options.Log.Warn("call a function with messages", "function", p.function, "messages", len(whole), "error", err)
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

// act returns a context that acts as the function's role.
func (p *poller) act(ctx context.Context) (context.Context, error) {
	f, err := p.service.functions.GetFunctionConfiguration(ctx, &lambda.GetFunctionConfigurationInput{FunctionName: &p.function})
	if err != nil {
		return nil, err
	}
	return p.service.options.Act(ctx, aws.ToString(f.Role))
}

// receive takes messages that fit into the batch. It waits for them until the batch is due.
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
