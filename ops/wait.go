package ops

import (
	"context"
	"errors"
	"time"

	"github.com/cenkalti/backoff/v5"
)

var errNotYet = errors.New("not yet")

// cleanUp is how long a cancelled operation may take to stop what it started.
const cleanUp = 30 * time.Second

// polling is the first and the longest interval between two looks.
type polling struct{ first, longest time.Duration }

// pollingOf respects AWS's request limits; other endpoints have none.
func pollingOf(s Stack) polling {
	if s.Endpoint == "" {
		return polling{500 * time.Millisecond, 5 * time.Second}
	}
	return polling{50 * time.Millisecond, 500 * time.Millisecond}
}

// poll calls done, at growing intervals, until it says true or fails, or ctx
// ends.
func (o *Ops) poll(ctx context.Context, done func(context.Context) (bool, error)) error {
	wait := backoff.NewExponentialBackOff()
	wait.InitialInterval, wait.MaxInterval = o.polling.first, o.polling.longest
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

// onCancel calls stop when ctx has ended, with a context that has not.
func (o *Ops) onCancel(ctx context.Context, what string, stop func(context.Context) error) {
	if ctx.Err() == nil {
		return
	}
	o.say("stopping %s", what)
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanUp)
	defer cancel()
	if err := stop(ctx); err != nil {
		o.log.Error("cannot be stopped", "what", what, "error", err)
		o.say("%s could not be stopped: %v", what, err)
	}
}

// seconds since start, with milliseconds.
func seconds(start time.Time) float64 {
	return time.Since(start).Round(time.Millisecond).Seconds()
}
