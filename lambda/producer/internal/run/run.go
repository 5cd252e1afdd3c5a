// Package run runs the producer: it generates events at the configured rate, groups
// them into objects and stores these.
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

// tick is the pause of a run without due events.
const tick = 10 * time.Millisecond

// ErrCutShort means that the function's deadline ended the run early.
var ErrCutShort = errors.New("the function's time limit ended the run early: request fewer events or raise the limit")

// Run is one run of the producer.
type Run struct {
	Config config.Config
	// ID is part of the names of the run's objects.
	ID     string
	Client upload.Putter
	// Now returns the events' times.
	Now func() time.Time
	Log *slog.Logger
}

// Do generates and stores the configured events, and returns the tally of stored events,
// even with an error. If an upload fails or the deadline of ctx is near, it stops
// generating events, and stores the events so far.
func (r Run) Do(ctx context.Context) (event.Tally, error) {
	u := upload.New(r.Client, r.Config.Bucket, r.Log)
	b := batch.New(schema.Load(), r.ID, r.Config.Batch, r.Config.Gzip)
	produceCtx, cancel := withReserve(ctx)
	defer cancel()
	err := produce(produceCtx, r.Config, r.Now, func(e *event.Event) error {
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

// withReserve returns a context with an earlier deadline, which reserves a quarter of
// the time, at most 10 seconds, to finish uploads and respond.
func withReserve(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	reserve := min(time.Until(deadline)/4, 10*time.Second)
	return context.WithDeadline(ctx, deadline.Add(-reserve))
}

// produce calls add with the run's events until all are generated, add fails, stop
// returns true or ctx ends.
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

// pause waits for a tick if no events were due. It returns an error if ctx has ended.
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
