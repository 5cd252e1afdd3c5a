package run

import (
	"time"

	"store-events/lambda/producer/internal/config"
)

// chunk is how many events are made between two looks at the clock.
const chunk = 1024

// pace says how many events are due.
type pace struct {
	start time.Time
	end   time.Time // Zero: no end by time.
	limit int       // 0: no end by number.
	rate  int       // Events a second; 0: as fast as possible.
}

func newPace(c config.Config, start time.Time) pace {
	if c.Events > 0 {
		return pace{limit: c.Events}
	}
	return pace{
		start: start, end: start.Add(c.Duration), rate: c.Rate,
		limit: eventsIn(c.Duration, c.Rate),
	}
}

// eventsIn is how many events a rate makes in a time. It computes with integers: in
// floating point, 1.005 seconds at 1000 a second are 1004 events.
func eventsIn(d time.Duration, rate int) int {
	return int(d/time.Second)*rate + int(d%time.Second)*rate/int(time.Second)
}

// due is the number of events to make now, at most chunk.
func (p pace) due(now time.Time, done int) int {
	n := chunk
	if p.limit > 0 {
		n = min(n, p.limit-done)
	}
	if p.rate > 0 {
		n = min(n, eventsIn(now.Sub(p.start), p.rate)-done)
	}
	return max(n, 0)
}

func (p pace) finished(now time.Time, done int) bool {
	return p.limit > 0 && done >= p.limit || !p.end.IsZero() && !now.Before(p.end)
}
