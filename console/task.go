package console

import (
	"context"
	"sync"
	"time"
)

// task runs a long operation, such as a replay, in the background, one at a time.
type task struct {
	mu   sync.Mutex
	run  taskRun
	done sync.WaitGroup
}

// taskRun is the current or the last run of a task.
type taskRun struct {
	What           string
	Started, Ended time.Time // Ended is zero during the run.
	Result         []string
	Error          string
}

func (t *task) last() taskRun {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.run
}

// start begins a run, and returns false if the task is running.
func (t *task) start(ctx context.Context, now func() time.Time, what string, run func(context.Context) ([]string, error)) bool {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.run.What != "" && t.run.Ended.IsZero() {
		return false
	}
	t.run = taskRun{What: what, Started: now().UTC()}
	t.done.Go(func() {
		result, err := run(ctx)
		t.mu.Lock()
		defer t.mu.Unlock()
		t.run.Result, t.run.Ended = result, now().UTC()
		if err != nil {
			t.run.Error = err.Error()
		}
	})
	return true
}

// wait waits for the end of a run whose context has ended.
func (t *task) wait() { t.done.Wait() }
