// Package eventsource implements Lambda's polling of queues:
// https://docs.aws.amazon.com/lambda/latest/dg/with-sqs.html
//
// The emulator stores the event source mappings. Only queues are supported, and package awsrules rejects filters.
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

// closeGrace is the time that Close waits for running calls.
const closeGrace = 5 * time.Second

// refreshInterval is the time between two reads of the mappings. AWS needs longer to apply a change.
const refreshInterval = time.Second

// Options configure a Service.
type Options struct {
	// Functions is the configuration for event source mappings and functions.
	Functions aws.Config
	// Queues is the configuration for queues. Requests use the role in their context.
	Queues aws.Config
	// Act returns a context for requests with a function's role.
	Act func(ctx context.Context, role string) (context.Context, error)
	Log *slog.Logger
}

// Service polls queues until Close.
type Service struct {
	functions *lambda.Client
	queues    *sqs.Client
	options   Options
	cancel    context.CancelFunc
	// calls is the context of function calls, which may end after the polling.
	calls     context.Context //nolint:containedctx // of all calls
	stopCalls context.CancelFunc
	done      sync.WaitGroup
}

// New starts a Service.
func New(o Options) *Service {
	ctx, cancel := context.WithCancel(context.Background())
	s := &Service{functions: lambda.NewFromConfig(o.Functions), queues: sqs.NewFromConfig(o.Queues), options: o, cancel: cancel}
	s.calls, s.stopCalls = context.WithCancel(context.Background())
	s.done.Go(func() { s.watch(ctx) })
	return s
}

// Close stops polling, and waits up to closeGrace for running calls. SQS redelivers the messages of unfinished batches.
func (s *Service) Close() {
	s.cancel()
	defer time.AfterFunc(closeGrace, s.stopCalls).Stop()
	s.done.Wait()
	s.stopCalls()
}

// runningPoller is a mapping and the function that stops its poller.
type runningPoller struct {
	mapping types.EventSourceMappingConfiguration
	cancel  context.CancelFunc
}

// watch runs a poller for each enabled mapping.
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
		case <-time.After(refreshInterval):
		}
	}
}

// adjust starts pollers for new and changed mappings, and stops the others.
func (s *Service) adjust(ctx context.Context, pollers map[string]runningPoller, mappings map[string]types.EventSourceMappingConfiguration) {
	for id, p := range pollers {
		if !reflect.DeepEqual(p.mapping, mappings[id]) {
			p.cancel()
			delete(pollers, id)
		}
	}
	for id, m := range mappings {
		if _, exists := pollers[id]; exists {
			continue
		}
		pollCtx, cancel := context.WithCancel(ctx)
		pollers[id] = runningPoller{m, cancel}
		p := newPoller(s, m)
		s.options.Log.Info("poll a queue", "queue", p.queue, "function", p.function)
		s.done.Go(func() {
			defer cancel()
			p.run(pollCtx)
		})
	}
}

// mappings returns the enabled mappings of queues, by ID.
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
				// Calls change these fields, and pollers do not use them.
				m.LastModified, m.LastProcessingResult, m.StateTransitionReason = nil, nil, nil
				found[aws.ToString(m.UUID)] = m
			}
		}
	}
	return found, nil
}
