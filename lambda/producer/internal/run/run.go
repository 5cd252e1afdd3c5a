// Package run is one run of the producer: events made at their pace, gathered
// into objects and stored.
package run

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"store-events/lambda/producer/internal/batch"
	"store-events/lambda/producer/internal/config"
	"store-events/lambda/producer/internal/event"
	"store-events/lambda/producer/internal/upload"
	"store-events/schema"
)

// tick is the pause of a paced run that has nothing due.
const tick = 10 * time.Millisecond

// ErrCutShort is the error of a run that the function's deadline ended early.
var ErrCutShort = errors.New("the function's time limit ended the run early: ask for less or raise the limit")

// Run is one run of the producer.
type Run struct {
	Config config.Config
	// ID names the run's objects.
	ID     string
	Client upload.Putter
	// Now returns the times that the events get.
	Now func() time.Time
	Log *slog.Logger
}

// Do makes and stores the events that the configuration asks for, and returns the
// tally of those stored, even with an error. A run ends early, with everything made stored, when an object is given up or
// the deadline of ctx comes near.
func (r Run) Do(ctx context.Context) (event.Tally, error) {
	u := upload.New(r.Client, r.Config.Bucket, r.Log)
	b := batch.New(schema.Load(), r.ID, r.Config.Batch, r.Config.Gzip)
	making, cancel := withReserve(ctx)
	defer cancel()
	err := produce(making, r.Config, r.Now, func(e *event.Event) error {
		o, err := b.Add(e)
		if o != nil {
			u.Store(ctx, o)
		}
		return err
	}, u.Failed)
	for _, o := range b.Flush() {
		u.Store(ctx, o)
	}
	stored, failed := u.Wait()
	return stored, errors.Join(err, failed)
}

// withReserve ends a context before its deadline, so that what is under way
// can be stored and answered for: a quarter of the time, at most 10 seconds.
func withReserve(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	reserve := min(time.Until(deadline)/4, 10*time.Second)
	return context.WithDeadline(ctx, deadline.Add(-reserve))
}

// produce hands the run's events to add, until they are all made, add fails,
// stop returns true or ctx ends.
func produce(ctx context.Context, cfg config.Config, now func() time.Time, add func(*event.Event) error, stop func() bool) error {
	g := event.NewGenerator(cfg.Seed, cfg.IncompleteShare)
	p := newPace(cfg, now())
	for done := 0; ; {
		t := now()
		due := p.due(t, done)
		for range due {
			e := g.Next(t)
			if err := add(&e); err != nil {
				return fmt.Errorf("event %d: %w", done, err)
			}
			done++
		}
		if p.finished(t, done) || stop() {
			return nil
		}
		if err := pause(ctx, due); err != nil {
			return err
		}
	}
}

// pause waits a tick when nothing was due. It fails when ctx has ended.
func pause(ctx context.Context, due int) error {
	if due == 0 {
		select {
		case <-ctx.Done():
		case <-time.After(tick):
		}
	}
	if ctx.Err() != nil {
		return ErrCutShort
	}
	return nil
}
