package toolchain

import (
	"sync"
	"time"
)

// State is the state of a step.
type State string

// The states of a step.
const (
	// Waiting: another setup has locked the cache.
	Waiting State = "waiting"
	// Fetching: downloading.
	Fetching State = "fetching"
	// Queued: other steps use the processors.
	Queued State = "queued"
	// Building: compiling, installing or unpacking.
	Building State = "building"
	// Retrying: a download failed and is retried.
	Retrying State = "retrying"
	// Cached: set up before.
	Cached State = "cached"
	// Found: the machine has the tool; nothing is built.
	Found State = "found"
	// Done: set up now.
	Done State = "done"
	// Failed: the detail is the reason.
	Failed State = "failed"
	// Stopped: interrupted by the user or by another step's failure.
	Stopped State = "stopped"
)

// Event is a change of a step's state.
type Event struct {
	Time  time.Time `json:"time"`
	Step  string    `json:"step"`
	State State     `json:"state"`
	// Detail is a path, a package or a reason.
	Detail string `json:"detail,omitempty"`
	// Elapsed is the time since the step began.
	Elapsed time.Duration `json:"-"`
	Seconds float64       `json:"seconds"`
}

// final reports whether no event of the same step follows.
func (e Event) final() bool {
	switch e.State {
	case Cached, Found, Done, Failed, Stopped:
		return true
	}
	return false
}

// reporter passes events on, one at a time.
type reporter struct {
	mu      sync.Mutex
	to      func(Event)
	started map[string]time.Time
}

func newReporter(to func(Event)) *reporter {
	if to == nil {
		to = func(Event) {}
	}
	return &reporter{to: to, started: map[string]time.Time{}}
}

func (r *reporter) send(step string, state State, detail string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	now := time.Now()
	if _, ok := r.started[step]; !ok {
		r.started[step] = now
	}
	e := Event{Time: now, Step: step, State: state, Detail: detail, Elapsed: now.Sub(r.started[step])}
	e.Seconds = e.Elapsed.Round(100 * time.Millisecond).Seconds()
	r.to(e)
}
