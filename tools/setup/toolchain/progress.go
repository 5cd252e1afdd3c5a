package toolchain

import (
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
)

// Progress prints events: a line each and, on a terminal, a last line that
// shows what is at work.
type Progress struct {
	mu     sync.Mutex
	w      io.Writer
	live   bool
	began  time.Time
	active map[string]Event
	stop   chan struct{}
	ended  chan struct{}
}

// NewProgress prints to w; live says that w is a terminal. Close ends it.
func NewProgress(w io.Writer, live bool) *Progress {
	p := &Progress{w: w, live: live, began: time.Now(), active: map[string]Event{}, stop: make(chan struct{}), ended: make(chan struct{})}
	go p.tick()
	return p
}

// Event is for Options.Progress.
func (p *Progress) Event(e Event) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
	_, _ = fmt.Fprintln(p.w, line(e))
	if e.final() {
		delete(p.active, e.Step)
	} else {
		p.active[e.Step] = e
	}
	p.draw()
}

// Close removes the live line.
func (p *Progress) Close() {
	close(p.stop)
	<-p.ended
	p.mu.Lock()
	defer p.mu.Unlock()
	p.clear()
}

// line is an event as text: the step, its time in seconds, state and detail.
func line(e Event) string {
	detail := strings.ReplaceAll(e.Detail, "\n", " ")
	return strings.TrimRight(fmt.Sprintf("setup %-12s %6.1f s  %-8s  %s", e.Step, e.Elapsed.Seconds(), e.State, detail), " ")
}

func (p *Progress) tick() {
	defer close(p.ended)
	every := time.NewTicker(time.Second)
	defer every.Stop()
	for {
		select {
		case <-p.stop:
			return
		case <-every.C:
			p.mu.Lock()
			p.draw()
			p.mu.Unlock()
		}
	}
}

func (p *Progress) clear() {
	if p.live {
		_, _ = io.WriteString(p.w, "\r\x1b[K")
	}
}

// draw shows the steps at work with the time each has taken.
func (p *Progress) draw() {
	if !p.live || len(p.active) == 0 {
		return
	}
	var parts []string
	for _, name := range slices.Sorted(maps.Keys(p.active)) {
		e := p.active[name]
		took := e.Elapsed + time.Since(e.Time)
		parts = append(parts, fmt.Sprintf("%s %s %.0f s", name, e.State, took.Seconds()))
	}
	_, _ = fmt.Fprintf(p.w, "\r\x1b[K%4.0f s  %s", time.Since(p.began).Seconds(), strings.Join(parts, " · "))
}
