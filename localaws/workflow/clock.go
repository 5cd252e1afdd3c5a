package workflow

import (
	"context"
	"time"

	"localaws/schedule"
)

// watchClock fires scheduled triggers until the service ends. Missed schedules are not caught up.
func (s *Service) watchClock() {
	ticks := s.opts.Ticks
	if ticks == nil {
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		ticks = ticker.C
	}
	for {
		select {
		case <-s.quit:
			return
		case at := <-ticks:
			s.tick(at)
		}
	}
}

// tick fires the triggers due since the last tick.
func (s *Service) tick(at time.Time) {
	s.mu.Lock()
	defer s.mu.Unlock()
	last := s.last
	s.last = at
	triggers, err := s.triggers()
	if err != nil {
		s.opts.Log.Error("read the triggers", "error", err)
	}
	for _, t := range triggers {
		if !t.dueAt(last, at) || s.closed() {
			continue
		}
		if _, err := s.begin(context.Background(), t, nil); err != nil {
			s.opts.Log.Warn("scheduled trigger", "trigger", t.Name, "error", err)
		}
	}
}

// dueAt reports whether the trigger is due after last, up to at.
func (t storedTrigger) dueAt(last, at time.Time) bool {
	if t.Type != typeScheduled || t.State != stateActivated {
		return false
	}
	s, err := schedule.Parse(t.Schedule)
	if err != nil {
		return false // Rejected at creation.
	}
	since := time.UnixMilli(int64(t.Since * 1000))
	if last.Before(since) {
		last = since
	}
	next, ok := s.Next(since, last)
	return ok && !next.After(at)
}
