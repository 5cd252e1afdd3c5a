package jobs

import (
	"context"
	"errors"
	"fmt"
	"os"
	"time"
)

// activeRun is a run in progress, with all its attempts.
type activeRun struct {
	job       Job
	run       Run // The current attempt; guarded by Service.mu.
	cancel    context.CancelCauseFunc
	discarded bool // The job was deleted.
}

// Causes that end a run before its script does.
var (
	errStopped  = errors.New("stopped")
	errTimedOut = errors.New("timed out")
	errShutdown = errors.New("the local AWS ended during the run")
)

// supervise runs the attempts in the background. The caller holds the lock.
func (s *Service) supervise(job Job, run Run) {
	ctx, cancel := context.WithCancelCause(s.ctx)
	e := &activeRun{job: job, run: run, cancel: cancel}
	s.active[run.ID] = e
	s.wg.Go(func() {
		defer cancel(nil)
		for s.attempt(ctx, e) {
		}
	})
}

// attempt runs the script once, and reports whether another attempt follows.
func (s *Service) attempt(ctx context.Context, e *activeRun) bool {
	run := s.current(e)
	timed, stop := context.WithTimeoutCause(ctx, s.timeLimit(run), errTimedOut)
	defer stop()
	err := s.prepareAndRun(timed, e.job, run, func() { s.markRunning(e) })
	run.JobRunState, run.ErrorMessage = outcome(context.Cause(timed), err)
	run.end(s.now())
	s.opts.Log.Info("job run ended", "job", run.JobName, "run", run.ID, "state", run.JobRunState,
		"seconds", run.ExecutionTime, "error", run.ErrorMessage)
	return s.endAttempt(ctx, e, run)
}

func (s *Service) current(e *activeRun) Run {
	s.mu.Lock()
	defer s.mu.Unlock()
	return e.run
}

// timeLimit returns the timeout of a run. Zero, for a streaming job, is Glue's maximum.
func (s *Service) timeLimit(run Run) time.Duration {
	minutes := run.Timeout
	setDefault(&minutes, maxTimeoutMinutes)
	return time.Duration(minutes) * s.opts.Minute
}

// outcome returns the state and message of a run. A cause takes precedence over the script's error.
func outcome(cause, err error) (state, message string) {
	var failed *scriptError
	switch {
	case err == nil:
		return StateSucceeded, ""
	case errors.Is(cause, errStopped):
		return StateStopped, ""
	case errors.Is(cause, errTimedOut):
		return StateTimeout, "Job run exceeded its timeout."
	case errors.Is(cause, errShutdown):
		return StateFailed, errShutdown.Error()
	case errors.As(err, &failed):
		return StateFailed, failed.message
	}
	return StateError, fmt.Sprintf("Internal service error: %v", err)
}

func (s *Service) markRunning(e *activeRun) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.run.JobRunState != StateStarting || e.discarded {
		return
	}
	e.run.JobRunState, e.run.LastModifiedOn = StateRunning, s.now()
	s.save(e.run)
}

// endAttempt saves the end of an attempt, and atomically frees the run's slot or starts the next attempt in it. It
// reports whether there is another attempt.
func (s *Service) endAttempt(ctx context.Context, e *activeRun, run Run) (again bool) {
	done := s.recordEnd(ctx, e, run)
	for _, f := range done {
		f(run.JobName, run.ID, run.JobRunState)
	}
	return done == nil
}

// recordEnd saves the end of an attempt. It returns the functions to call, or nil if there is another attempt.
func (s *Service) recordEnd(ctx context.Context, e *activeRun, run Run) []func(name, runID, state string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.active, run.ID)
	if e.discarded {
		_ = os.RemoveAll(string(s.folder(run.ID))) // A leftover folder does no harm.
		return []func(name, runID, state string){}
	}
	s.save(run)
	if run.JobRunState == StateFailed && run.Attempt < e.job.MaxRetries && ctx.Err() == nil {
		e.run = s.nextAttempt(run)
		s.active[e.run.ID] = e
		s.save(e.run)
		return nil
	}
	if errors.Is(context.Cause(ctx), errShutdown) {
		return []func(name, runID, state string){}
	}
	return append([]func(name, runID, state string){}, s.done...)
}

// save saves a run, and logs an error.
func (s *Service) save(run Run) {
	if err := s.saveRun(run); err != nil {
		s.opts.Log.Error("save a job run", "run", run.ID, "error", err)
	}
}
