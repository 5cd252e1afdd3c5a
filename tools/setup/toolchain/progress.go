package toolchain

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"store-events/tools/setup/liveline"
)

// typical is how long steps take with an empty cache, on two cores, to estimate the
// remaining time.
var typical = map[string]time.Duration{
	StepProviders: 280 * time.Second,
	StepPulumi:    200 * time.Second,
	StepProject:   150 * time.Second,
	StepPython:    60 * time.Second,
	StepGlue:      40 * time.Second,
	StepMySQL:     15 * time.Second,
	StepJars:      15 * time.Second,
	StepJava:      10 * time.Second,
	StepClasses:   25 * time.Second,
	StepMariaDB:   30 * time.Second,
	StepGlue6:     160 * time.Second,
}

// Progress prints events: a line each and, on a terminal, a last line with a bar, the
// running steps, and the time left.
type Progress struct {
	mu   sync.Mutex
	w    io.Writer
	live *liveline.Line
	// begun are the started steps by name, with their last event.
	begun map[string]Event
}

// NewProgress returns a Progress that prints to w; live means that w is a terminal.
func NewProgress(w io.Writer, live bool) *Progress {
	p := &Progress{w: w, begun: map[string]Event{}}
	if live {
		p.live = liveline.Start(w, time.Second, p.status)
	}
	return p
}

// Event is for Options.Progress.
func (p *Progress) Event(e Event) {
	p.mu.Lock()
	switch e.State {
	case Cached, Found: // The step has no work.
	default:
		p.begun[e.Step] = e
	}
	p.mu.Unlock()
	p.live.Print(p.w, line(e))
}

// Close removes the live line.
func (p *Progress) Close() { p.live.Stop() }

// line formats an event: the step, its time in seconds, state and detail.
func line(e Event) string {
	detail := strings.ReplaceAll(e.Detail, "\n", " ")
	return strings.TrimRight(fmt.Sprintf("setup %-12s %6.1f s  %-8s  %s", e.Step, e.Elapsed.Seconds(), e.State, detail), " ")
}

// status returns the live line: a bar, the time left, and the running steps with their
// times. It is empty when no step is running.
func (p *Progress) status() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	var all, done, longest time.Duration
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(p.begun)) {
		e := p.begun[name]
		all += typical[name]
		if e.final() {
			done += typical[name]
			continue
		}
		took := e.Elapsed + time.Since(e.Time)
		parts = append(parts, fmt.Sprintf("%s %s %.0f s", name, e.State, took.Seconds()))
		done += min(took, typical[name])
		longest = max(longest, typical[name]-took)
	}
	if len(parts) == 0 {
		return ""
	}
	share := 1.0
	if all > 0 {
		share = float64(done) / float64(all)
	}
	left := max(longest, (all-done)/builders)
	return fmt.Sprintf("%s %s  %s", liveline.Bar(share, 20), liveline.Left(left), strings.Join(parts, " · "))
}
