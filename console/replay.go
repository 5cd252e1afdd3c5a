package console

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"time"

	"store-events/ops"
)

// replay runs one replay at a time: it starts the job, which takes longer than a
// page may.
type replay struct {
	mu   sync.Mutex
	run  replayRun
	done sync.WaitGroup
}

// replayRun is a replay under way or the last one.
type replayRun struct {
	What           string
	Started, Ended time.Time // Ended is zero while it is under way.
	Result         []string
	Error          string
}

func (r *replay) last() replayRun {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.run
}

// start begins a replay, and returns false if one is under way.
func (r *replay) start(ctx context.Context, now func() time.Time, what string, run func(context.Context) ([]string, error)) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.run.What != "" && r.run.Ended.IsZero() {
		return false
	}
	r.run = replayRun{What: what, Started: now().UTC()}
	r.done.Go(func() {
		result, err := run(ctx)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.run.Result, r.run.Ended = result, now().UTC()
		if err != nil {
			r.run.Error = err.Error()
		}
	})
	return true
}

// wait waits for the end of a replay whose context has ended.
func (r *replay) wait() { r.done.Wait() }

func (c *Console) replayAll(ctx context.Context) ([]string, error) {
	result, err := c.Source.Replay(ctx)
	if err != nil {
		return nil, err
	}
	lines := []string{fmt.Sprintf("%s of %s read again: %s loaded, %s in quarantine still.",
		countOf(result.Lines, "line"), countOf(result.Objects, "object"), grouped(result.Loaded), grouped(result.Stay))}
	if result.Gone > 0 {
		lines = append(lines, countOf(result.Gone, "line")+" of objects that S3 no longer has.")
	}
	return lines, nil
}

func (c *Console) replayLine(text string, request ops.ReplayFileRequest) func(context.Context) ([]string, error) {
	return func(ctx context.Context) ([]string, error) {
		request.File = strings.NewReader(text + "\n")
		result, err := c.Source.ReplayFile(ctx, request)
		if err != nil {
			return nil, err
		}
		lines := []string{fmt.Sprintf("%s: %s new, %s in the table already.",
			countOf(result.Events, "event"), countOf(result.New, "row"), grouped(result.There))}
		for _, key := range result.Objects {
			lines = append(lines, "Stored as "+key)
		}
		return lines, nil
	}
}
