// Package jobs serves Glue's jobs, job runs and job bookmarks as AWS does, and runs the jobs' scripts on this
// machine.
package jobs

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"localaws/awsjson"
	"localaws/credentials"
	"localaws/store"
	"localaws/tags"
)

// Sessions issues credentials of sessions of a role: a credentials.Authority.
type Sessions interface {
	Issue(p credentials.Principal, lifetime time.Duration) (aws.Credentials, error)
}

// Options of the service.
type Options struct {
	// Config reaches S3 and CloudWatch Logs.
	Config aws.Config
	// Access begins a run. The returned context makes the requests for the run, through Config, those of the job's
	// role; an error fails the run. Nil lets every run do everything.
	Access func(ctx context.Context, job Job) (context.Context, error)
	// Sessions issues the credentials of scripts.
	Sessions Sessions
	// GatewayURL is the AWS endpoint for scripts.
	GatewayURL string
	Store      *store.Store
	Tags       *tags.Service // may be nil
	Log        *slog.Logger
	// StateDir gets a folder for each run, with its logs.
	StateDir string
	// Runtimes are what jobs run with, by Glue version.
	Runtimes map[string]Runtime
	// InstallAdvice says how to install a runtime that is missing, as the end of a sentence after a colon.
	InstallAdvice string
	// AwsglueDir has the package awsglue, which scripts can import, the templates
	// of Spark's configuration and the settings of its log.
	AwsglueDir string
	Region     string
	AccountID  string // default 000000000000
	// Env is added to the environment of each run, as name=value.
	Env []string
	// Minute is the length of a minute of a job's timeout; tests shorten it.
	Minute time.Duration
}

// Service is safe for concurrent use.
type Service struct {
	opts Options
	s3   *s3.Client
	logs *cloudwatchlogs.Client

	ctx    context.Context
	cancel context.CancelCauseFunc
	wg     sync.WaitGroup

	mu     sync.Mutex            // guards what follows, and writes to the store
	active map[string]*activeRun // By the ID of the current attempt.
	done   []func(name, runID, state string)
}

// New starts the service. It marks runs as FAILED that were in progress when the last service ended, and ends
// their remaining processes.
func New(opts Options) *Service {
	setDefault(&opts.AccountID, "000000000000")
	setDefault(&opts.Minute, time.Minute)
	ctx, cancel := context.WithCancelCause(context.Background())
	s := &Service{
		opts:   opts,
		s3:     s3.NewFromConfig(opts.Config, func(o *s3.Options) { o.UsePathStyle = true }),
		logs:   cloudwatchlogs.NewFromConfig(opts.Config),
		ctx:    ctx,
		cancel: cancel,
		active: map[string]*activeRun{},
	}
	if err := s.recover(); err != nil {
		opts.Log.Error("runs of the last time", "error", err)
	}
	return s
}

// Close stops all runs with their processes, and waits for them.
func (s *Service) Close() {
	s.mu.Lock() // no run starts after this
	s.cancel(errShutdown)
	s.mu.Unlock()
	s.wg.Wait()
}

// OnDone registers a function that is called once for each started run, when
// its last attempt has ended. The id is that of the last attempt.
func (s *Service) OnDone(f func(name, runID, state string)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.done = append(s.done, f)
}

// Operations returns the operations of this service.
func (s *Service) Operations() awsjson.Operations {
	return awsjson.Operations{
		"CreateJob":        awsjson.Typed(s.create),
		"UpdateJob":        awsjson.Typed(s.update),
		"DeleteJob":        awsjson.Typed(s.remove),
		"GetJob":           awsjson.Typed(s.get),
		"GetJobs":          awsjson.Typed(s.getAll),
		"ListJobs":         awsjson.Typed(s.list),
		"BatchGetJobs":     awsjson.Typed(s.batchGet),
		"StartJobRun":      awsjson.Typed(s.startJobRun),
		"GetJobRun":        awsjson.Typed(s.getJobRun),
		"GetJobRuns":       awsjson.Typed(s.getJobRuns),
		"BatchStopJobRun":  awsjson.Typed(s.batchStop),
		"GetJobBookmark":   awsjson.Typed(s.getBookmark),
		"ResetJobBookmark": awsjson.Typed(s.resetBookmark),
	}
}

// now in epoch seconds.
func (s *Service) now() float64 {
	return float64(time.Now().UnixMicro()) / 1e6 // Runs of the same millisecond keep their order.
}
