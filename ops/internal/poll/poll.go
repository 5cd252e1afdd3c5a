// Package poll waits for operations of AWS, and stops them when the wait is cancelled.
package poll

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/cenkalti/backoff/v5"
)

var errNotYet = errors.New("not yet")

// stopTimeout is the timeout for stopping an operation after the context was cancelled.
const stopTimeout = 30 * time.Second

// Poller polls with growing intervals.
type Poller struct {
	First, Longest time.Duration // Intervals between two polls.
	Log            *slog.Logger
	Report         func(string) // Receives progress messages.
}

// Intervals returns the first and the longest interval: within AWS's request
// limits, or short ones for a local endpoint.
func Intervals(endpoint string) (first, longest time.Duration) {
	if endpoint == "" {
		return 500 * time.Millisecond, 5 * time.Second
	}
	return 50 * time.Millisecond, 500 * time.Millisecond
}

// Progressf reports progress.
func (p Poller) Progressf(format string, args ...any) { p.Report(fmt.Sprintf(format, args...)) }

// Until calls done until it returns true or an error, or ctx ends.
func (p Poller) Until(ctx context.Context, done func(context.Context) (bool, error)) error {
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval, wait.MaxInterval = p.First, p.Longest
	_, err := backoff.Retry(ctx, func() (struct{}, error) {
		ok, err := done(ctx)
		if err != nil {
			return struct{}{}, backoff.Permanent(err)
		}
		if !ok {
			return struct{}{}, errNotYet
		}
		return struct{}{}, nil
	}, backoff.WithBackOff(wait), backoff.WithMaxElapsedTime(0))
	return err
}

// OnCancel calls stop if ctx has ended, with a context that is still valid.
func (p Poller) OnCancel(ctx context.Context, what string, stop func(context.Context) error) {
	if ctx.Err() != nil {
		p.Stop(ctx, what, stop)
	}
}

// Stop calls stop, even if ctx has ended. It only reports an error of stop, so that the caller
// can return the error that made it stop.
func (p Poller) Stop(ctx context.Context, what string, stop func(context.Context) error) {
	p.Progressf("stopping %s", what)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopTimeout)
	defer cancel()
	if err := stop(ctx); err != nil {
		p.Log.Error("cannot be stopped", "what", what, "error", err)
		p.Progressf("%s could not be stopped: %v", what, err)
	}
}
