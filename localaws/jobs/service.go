// Package jobs implements Glue's jobs, job runs and job bookmarks, and runs the jobs' scripts on this machine.
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

// Sessions issues session credentials of a role. The implementation is credentials.Authority.
type Sessions interface {
	Issue(p credentials.Principal, lifetime time.Duration) (aws.Credentials, error)
}

// Options configure the service.
type Options struct {
	// Config is the configuration for S3 and CloudWatch Logs.
	Config aws.Config
	// Access authorizes a run. Requests through Config with the returned context use the job's role. An error fails the
	// run. Nil allows everything.
	Access func(ctx context.Context, job Job) (context.Context, error)
	// Sessions issues the scripts' credentials.
	Sessions Sessions
	// GatewayURL is the AWS endpoint for scripts.
	GatewayURL string
	Store      *store.Store
	Tags       *tags.Service // may be nil
	Log        *slog.Logger
	// StateDir contains a folder for each run, with its logs.
	StateDir string
	// Runtimes are the runtimes of jobs, by Glue version.
	Runtimes map[string]Runtime
	// InstallAdvice is how to install a missing runtime, as the end of a sentence after a colon.
	InstallAdvice string
	// AwsglueDir contains the package awsglue, the templates of Spark's settings and the settings of its log.
	AwsglueDir string
	Region     string
	AccountID  string // default 000000000000
	// Env is added to the environment of each run, as name=value.
	Env []string
	// Minute is the length of a minute in a job's timeout. Tests shorten it.
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

	mu     sync.Mutex            // guards the fields below, and writes to the store
	active map[string]*activeRun // By the ID of the current attempt.
	done   []func(name, runID, state string)
}

// New starts the service. It marks runs as FAILED that were in progress when the last service ended, and kills their
// remaining processes.
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
		opts.Log.Error("recover job runs", "error", err)
	}
	return s
}

// Close stops all runs, and waits until their processes have ended.
func (s *Service) Close() {
	s.mu.Lock() // no run starts after this
	s.cancel(errShutdown)
	s.mu.Unlock()
	s.wg.Wait()
}

// OnDone registers a function that is called when the last attempt of a run has ended, with that attempt's ID.
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

// now returns the time in epoch seconds, with microseconds so that runs of the same millisecond keep their order.
func (s *Service) now() float64 {
	return float64(time.Now().UnixMicro()) / 1e6
}
