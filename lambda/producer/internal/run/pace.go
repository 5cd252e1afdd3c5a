package run

import (
	"time"

	"store-events/lambda/producer/internal/config"
)

// chunk is the maximum number of events between two reads of the clock.
const chunk = 1024

// pace calculates the number of due events.
type pace struct {
	start time.Time
	end   time.Time // Zero for no limit.
	limit int       // 0 for no limit.
	rate  int       // Events per second, 0 for as fast as possible.
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

// eventsIn returns the number of events in a duration at a rate. It uses integers,
// because in floating point, 1.005 seconds at 1000 per second are 1004 events.
func eventsIn(d time.Duration, rate int) int {
	return int(d/time.Second)*rate + int(d%time.Second)*rate/int(time.Second)
}

// due returns the number of events to generate now, at most chunk.
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
