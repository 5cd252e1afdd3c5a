// Package workflow implements Glue's triggers and workflows, with the services for crawlers and jobs.
package workflow

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"localaws/awsjson"
	"localaws/jobs"
	"localaws/store"
	"localaws/tags"
)

// Crawlers is the part of the crawler service that this service needs.
type Crawlers interface {
	Start(ctx context.Context, name string) (crawlID string, err error)
	Stop(name string) error
	OnDone(func(name, crawlID, state string))
}

// Jobs is the part of the job service that this service needs.
type Jobs interface {
	Start(ctx context.Context, in jobs.StartInput) (runID string, err error)
	Stop(job, runID string) error
	// Attempts returns the attempts of a run, oldest first.
	Attempts(job, runID string) ([]jobs.Run, error)
	OnDone(func(name, runID, state string))
}

// Options configure the service.
type Options struct {
	Store     *store.Store
	Crawlers  Crawlers
	Jobs      Jobs
	Tags      *tags.Service // may be nil
	Log       *slog.Logger
	Region    string
	AccountID string // default 000000000000
	// Ticks drive the schedules. A trigger fires at the first tick after it is due. The default is every second.
	Ticks <-chan time.Time
}

// Service is safe for concurrent use.
type Service struct {
	opts Options
	quit chan struct{}
	wg   sync.WaitGroup

	mu   sync.Mutex // guards the fields below, and all writes to the store
	open map[string]*run
	last time.Time // The last tick.
}

// New starts the service and its schedules. It marks workflow runs as ERROR that were in progress when the last service
// ended.
func New(opts Options) *Service {
	if opts.AccountID == "" {
		opts.AccountID = "000000000000"
	}
	s := &Service{opts: opts, quit: make(chan struct{}), open: map[string]*run{}, last: time.Now()}
	if err := s.recover(); err != nil {
		opts.Log.Error("recover workflow runs", "error", err)
	}
	opts.Crawlers.OnDone(func(name, crawlID, state string) { s.ended(crawler, name, crawlID, state) })
	opts.Jobs.OnDone(func(name, runID, state string) { s.ended(job, name, jobs.FirstAttempt(runID), state) })
	s.wg.Go(s.watchClock)
	return s
}

// Close stops the schedules. No run or action starts after it.
func (s *Service) Close() {
	s.mu.Lock()
	defer s.wg.Wait()
	defer s.mu.Unlock()
	select {
	case <-s.quit:
	default:
		close(s.quit)
	}
}

func (s *Service) closed() bool {
	select {
	case <-s.quit:
		return true
	default:
		return false
	}
}

// Operations returns the operations of this service.
func (s *Service) Operations() awsjson.Operations {
	return awsjson.Operations{
		"CreateTrigger":            awsjson.Typed(s.createTrigger),
		"UpdateTrigger":            awsjson.Typed(s.updateTrigger),
		"DeleteTrigger":            awsjson.Typed(s.deleteTrigger),
		"GetTrigger":               awsjson.Typed(s.getTrigger),
		"GetTriggers":              awsjson.Typed(s.getTriggers),
		"ListTriggers":             awsjson.Typed(s.listTriggers),
		"BatchGetTriggers":         awsjson.Typed(s.batchGetTriggers),
		"StartTrigger":             awsjson.Typed(s.startTrigger),
		"StopTrigger":              awsjson.Typed(s.stopTrigger),
		"CreateWorkflow":           awsjson.Typed(s.createWorkflow),
		"UpdateWorkflow":           awsjson.Typed(s.updateWorkflow),
		"DeleteWorkflow":           awsjson.Typed(s.deleteWorkflow),
		"GetWorkflow":              awsjson.Typed(s.getWorkflow),
		"ListWorkflows":            awsjson.Typed(s.listWorkflows),
		"BatchGetWorkflows":        awsjson.Typed(s.batchGetWorkflows),
		"StartWorkflowRun":         awsjson.Typed(s.startWorkflowRun),
		"StopWorkflowRun":          awsjson.Typed(s.stopWorkflowRun),
		"GetWorkflowRun":           awsjson.Typed(s.getWorkflowRun),
		"GetWorkflowRuns":          awsjson.Typed(s.getWorkflowRuns),
		"GetWorkflowRunProperties": awsjson.Typed(s.getRunProperties),
		"PutWorkflowRunProperties": awsjson.Typed(s.putRunProperties),
	}
}

// now returns the time in epoch seconds, with microseconds so that runs of the same millisecond keep their order.
func now() float64 { return float64(time.Now().UnixMicro()) / 1e6 }

func (s *Service) arn(kind, name string) string {
	return fmt.Sprintf("arn:aws:glue:%s:%s:%s/%s", s.opts.Region, s.opts.AccountID, kind, name)
}

func orEmpty[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}
