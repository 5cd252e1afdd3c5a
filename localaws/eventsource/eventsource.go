// Package eventsource is the part of Lambda that polls queues and calls functions with their messages, as AWS
// documents it:
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
//
// The emulator keeps the mappings. Other sources than queues are not offered, and package awsrules refuses filters.
package eventsource

import (
	"context"
	"log/slog"
	"reflect"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
)

// closeGrace is how long Close waits for calls.
const closeGrace = 5 * time.Second

// lookAround is the time in which a new or changed mapping is noticed. AWS takes longer.
const lookAround = time.Second

// Options of a Service.
type Options struct {
	// Functions has the mappings and functions of the account.
	Functions aws.Config
	// Queues has its queues; requests are those of the role in their context.
	Queues aws.Config
	// Act returns a context that acts as a function's role.
	Act func(ctx context.Context, role string) (context.Context, error)
	Log *slog.Logger
}

// Service polls queues until Close.
type Service struct {
	functions *lambda.Client
	queues    *sqs.Client
	options   Options
	cancel    context.CancelFunc
	// calls is the context of the calls of functions, which end after the polling.
	calls     context.Context //nolint:containedctx // of all calls
	stopCalls context.CancelFunc
	done      sync.WaitGroup
}

// New starts to poll.
func New(o Options) *Service {
	ctx, cancel := context.WithCancel(context.Background())
	s := &Service{functions: lambda.NewFromConfig(o.Functions), queues: sqs.NewFromConfig(o.Queues), options: o, cancel: cancel}
	s.calls, s.stopCalls = context.WithCancel(context.Background())
	s.done.Go(func() { s.watch(ctx) })
	return s
}

// Close ends all polling, and gives calls that are on some time to end. Messages of batches that are not finished
// return to their queues.
func (s *Service) Close() {
	s.cancel()
	defer time.AfterFunc(closeGrace, s.stopCalls).Stop()
	s.done.Wait()
	s.stopCalls()
}

// runningPoller is a poller with the mapping that it was started for.
type runningPoller struct {
	mapping types.EventSourceMappingConfiguration
	cancel  context.CancelFunc
}

// watch keeps a poller for each enabled mapping.
func (s *Service) watch(ctx context.Context) {
	pollers := map[string]runningPoller{}
	for {
		mappings, err := s.mappings(ctx)
		if err != nil && ctx.Err() == nil {
			s.options.Log.Error("list the event source mappings", "error", err)
		}
		if err == nil {
			s.adjust(ctx, pollers, mappings)
		}
		select {
		case <-ctx.Done():
			return
		case <-time.After(lookAround):
		}
	}
}

// adjust starts and ends pollers. A changed mapping gets a new one.
func (s *Service) adjust(ctx context.Context, pollers map[string]runningPoller, mappings map[string]types.EventSourceMappingConfiguration) {
	for id, p := range pollers {
		if !reflect.DeepEqual(p.mapping, mappings[id]) {
			p.cancel()
			delete(pollers, id)
		}
	}
	for id, m := range mappings {
		if _, there := pollers[id]; there {
			continue
		}
		own, cancel := context.WithCancel(ctx)
		pollers[id] = runningPoller{m, cancel}
		p := newPoller(s, m)
		s.options.Log.Info("poll a queue", "queue", p.queue, "function", p.function)
		s.done.Go(func() {
			defer cancel()
			p.run(own)
		})
	}
}

// mappings returns those that are polled, by their IDs.
func (s *Service) mappings(ctx context.Context) (map[string]types.EventSourceMappingConfiguration, error) {
	found := map[string]types.EventSourceMappingConfiguration{}
	pages := lambda.NewListEventSourceMappingsPaginator(s.functions, &lambda.ListEventSourceMappingsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, m := range page.EventSourceMappings {
			if aws.ToString(m.State) == "Enabled" && strings.Contains(aws.ToString(m.EventSourceArn), ":sqs:") {
				// What a call changes in it does not concern the poller.
				m.LastModified, m.LastProcessingResult, m.StateTransitionReason = nil, nil, nil
				found[aws.ToString(m.UUID)] = m
			}
		}
	}
	return found, nil
}
