package toolchain

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"
	"golang.org/x/sync/semaphore"
)

// builders is the number of steps that may build concurrently. Each uses all cores most of
// the time; the second one uses them while the first compiles one large package or links.
const builders = 2

// memoryForBuilders is the available memory for that. Otherwise packages are compiled one at a
// time: several need 2 GiB each.
const memoryForBuilders = 6 << 30

// turns returns a semaphore of the steps that may build concurrently.
func (t *toolchain) turns() *semaphore.Weighted {
	if t.memory < memoryForBuilders {
		return semaphore.NewWeighted(1)
	}
	return semaphore.NewWeighted(builders)
}

// waiting reports that another setup uses the cache.
func (t *toolchain) waiting() {
	t.report.send("cache", Waiting, "another setup is running in "+t.cache)
}

// run runs the steps concurrently, each after its dependencies. The first failure stops the
// others.
func (t *toolchain) run(ctx context.Context, steps []step) error {
	ready := map[string]chan struct{}{}
	for _, s := range steps {
		ready[s.name] = make(chan struct{})
	}
	turns := t.turns()
	g, gctx := errgroup.WithContext(ctx)
	for _, s := range steps {
		g.Go(func() (err error) {
			defer func() {
				if err == nil {
					close(ready[s.name])
				}
			}()
			if what := t.found(gctx, s); what != "" {
				t.report.send(s.name, Found, what)
				return nil
			}
			if err := await(gctx, ready, s.needs); err != nil {
				return err
			}
			if !s.isWanted() {
				return nil
			}
			return t.do(gctx, s, turns)
		})
	}
	err := g.Wait()
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// await waits until the named steps are done.
func await(ctx context.Context, ready map[string]chan struct{}, names []string) error {
	for _, n := range names {
		select {
		case <-ready[n]:
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	return nil
}

// present reports whether a step is done.
func (t *toolchain) present(ctx context.Context, s step) bool {
	if !s.isWanted() || t.found(ctx, s) != "" {
		return true
	}
	in, err := s.inputs()
	if err != nil {
		return false
	}
	key, err := in.key()
	return err == nil && t.done(s, key)
}

func (t *toolchain) found(ctx context.Context, s step) string {
	if s.find == nil || t.ignorePath {
		return ""
	}
	return t.finds.find(ctx, s)
}

// do runs one step, unless it is done.
func (t *toolchain) do(ctx context.Context, s step, turns *semaphore.Weighted) error {
	in, err := s.inputs()
	if err != nil {
		return &StepError{Step: s.name, Err: err}
	}
	key, err := in.key()
	if err != nil {
		return &StepError{Step: s.name, Err: err}
	}
	if !s.always && t.done(s, key) && (s.stale == nil || !s.stale()) {
		t.report.send(s.name, Cached, s.summary())
		return nil
	}
	j, err := t.newJob(s.name)
	if err != nil {
		return &StepError{Step: s.name, Err: err}
	}
	began := time.Now()
	err = t.work(ctx, s, j, turns)
	if err == nil {
		err = t.mark(s, key, time.Since(began))
	}
	return t.conclude(ctx, s, j, err)
}

// work runs the step's two phases.
func (t *toolchain) work(ctx context.Context, s step, j *job, turns *semaphore.Weighted) error {
	if s.fetch != nil {
		t.report.send(s.name, Fetching, s.about)
		if err := s.fetch(ctx, j); err != nil {
			return err
		}
	}
	if s.build == nil {
		return nil
	}
	t.report.send(s.name, Queued, "")
	if err := turns.Acquire(ctx, 1); err != nil {
		return err
	}
	defer turns.Release(1)
	t.report.send(s.name, Building, s.about)
	return s.build(ctx, j)
}

// conclude reports the result of the step.
func (t *toolchain) conclude(ctx context.Context, s step, j *job, err error) error {
	if err == nil {
		_ = j.log.Close()
		t.report.send(s.name, Done, s.summary())
		return nil
	}
	if ctx.Err() != nil || errors.Is(err, context.Canceled) {
		_ = j.log.Close()
		t.report.send(s.name, Stopped, "")
		return ctx.Err()
	}
	failed := j.fail(err)
	t.report.send(s.name, Failed, err.Error())
	return failed
}
