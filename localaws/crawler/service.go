// Package crawler implements Glue crawlers: it lists objects in S3, infers schemas
// and partitions, and updates the tables of the Data Catalog, by the rules in the
// Glue Developer Guide.
//
// It reads newline-delimited and other JSON, CSV and Parquet, plain or compressed
// with gzip or bzip2. Targets other than S3 fail a crawl. Custom classifiers are
// skipped with a warning in the crawl's log. Some rules are not documented: schemas
// are compared by their column names (similarity), and incompatible types become
// string (unify).
package crawler

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/google/uuid"

	"localaws/awsjson"
	"localaws/store"
	"localaws/tags"
)

// Service stores and runs crawlers. It is safe for concurrent use.
type Service struct {
	store   *store.Store
	log     *slog.Logger
	region  string
	tags    *tags.Service
	access  Access
	bucket  bucketReader
	catalog catalog
	logs    crawlLog
	now     func() time.Time

	mu     sync.Mutex // guards the stored crawlers and the fields below
	cancel map[string]context.CancelCauseFunc
	done   []func(name, crawlID, state string)
	closed bool

	quit chan struct{} // closed by Close
	wg   sync.WaitGroup
}

// Access authorizes a crawl. Requests with the returned context use the crawler's role. An error fails the crawl.
type Access func(ctx context.Context, d Definition) (context.Context, error)

// New starts the service. The configuration is for S3, Glue's catalog and CloudWatch Logs. New marks crawls as failed
// that were in progress when the last service ended. Without labels, tags are dropped; without access, crawls may do
// everything.
func New(cfg aws.Config, st *store.Store, log *slog.Logger, labels *tags.Service, access Access) *Service {
	s := &Service{
		store: st, log: log, region: cfg.Region, tags: labels, access: access,
		bucket: bucketReader{s3.NewFromConfig(cfg, func(o *s3.Options) {
			o.UsePathStyle = true
			// Responses to range requests have no checksum.
			o.DisableLogOutputChecksumValidationSkipped = true
		})},
		catalog: catalog{glue.NewFromConfig(cfg)},
		logs:    crawlLog{cloudwatchlogs.NewFromConfig(cfg)},
		now:     time.Now,
		cancel:  map[string]context.CancelCauseFunc{},
		quit:    make(chan struct{}),
	}
	if err := s.recover(); err != nil {
		log.Error("recover crawls", "error", err)
	}
	s.wg.Go(s.watchClock)
	return s
}

// OnDone registers a function to call after each crawl, with its state:
// SUCCEEDED, FAILED or CANCELLED.
func (s *Service) OnDone(f func(name, crawlID, state string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done = append(s.done, f)
}

// Causes that end a crawl early.
var (
	errStopped     = errors.New("the crawl was stopped")
	errInterrupted = errors.New("the crawl was interrupted because the service stopped")
)

// Start starts a crawl and returns its ID, or a CrawlerRunningException if the crawler is running.
func (s *Service) Start(_ context.Context, name string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.load(name)
	if err != nil {
		return "", err
	}
	if r.Running != nil {
		return "", awsjson.Errorf(awsjson.CrawlerRunning, "Crawler with name %s has already started", name)
	}
	if s.closed {
		return "", awsjson.Errorf("OperationTimeoutException", "the service is stopping")
	}
	c := crawl{ID: uuid.NewString(), Crawler: name, LogGroup: r.logGroup(), Started: s.now(), Tables: counts{}, Parts: counts{}}
	r.State, r.Running = running, &c
	if err := s.saveCrawl(c); err != nil {
		return "", err
	}
	if err := s.save(r); err != nil {
		return "", err
	}
	// The crawl outlives the request that starts it.
	ctx, cancel := context.WithCancelCause(context.Background())
	s.cancel[name] = cancel
	s.wg.Go(func() { s.run(ctx, r.Definition, c) })
	return c.ID, nil
}

// run runs a crawl, and stores the result.
func (s *Service) run(ctx context.Context, d Definition, c crawl) {
	err := s.runCrawl(ctx, d, &c)
	c.Ended = s.now()
	switch {
	case err == nil:
		c.Status = Succeeded
	case errors.Is(err, errStopped):
		c.Status = Cancelled
	default:
		c.Status, c.Message = Failed, err.Error()
	}
	for _, f := range s.finish(c) {
		f(d.Name, c.ID, c.Status)
	}
}

// finish stores a crawl's end and returns the functions to call.
func (s *Service) finish(c crawl) []func(name, crawlID, state string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cancel[c.Crawler](nil)
	delete(s.cancel, c.Crawler)
	r, err := s.load(c.Crawler)
	if err == nil {
		err = s.end(r, c)
	}
	if err != nil {
		s.log.Error("store the end of a crawl", "crawler", c.Crawler, "crawl", c.ID, "error", err)
	}
	return s.done
}

// Stop cancels the crawl of a crawler, without waiting for its end.
func (s *Service) Stop(name string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	r, err := s.load(name)
	switch {
	case err != nil:
		return err
	case r.Running == nil:
		return awsjson.Errorf(awsjson.CrawlerNotRunning, "Crawler with name %s is not running", name)
	case r.State == stopping:
		return awsjson.Errorf("CrawlerStoppingException", "Crawler with name %s is stopping", name)
	}
	r.State = stopping
	if err := s.save(r); err != nil {
		return err
	}
	s.cancel[name](errStopped)
	return nil
}

// Close cancels all crawls and waits for them to end.
func (s *Service) Close() {
	s.mu.Lock()
	if !s.closed {
		close(s.quit)
	}
	s.closed = true
	for _, cancel := range s.cancel {
		cancel(errInterrupted)
	}
	s.mu.Unlock()
	s.wg.Wait()
}

func (s *Service) arn(name string) string {
	return fmt.Sprintf("arn:aws:glue:%s:000000000000:crawler/%s", s.region, name)
}
