package crawler

import (
	"context"
	"time"

	"localaws/schedule"
)

// watchClock starts crawlers by their schedules until the service ends. Missed schedules are not caught up.
func (s *Service) watchClock() {
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	last := s.now()
	for {
		select {
		case <-s.quit:
			return
		case at := <-ticker.C:
			s.tick(last, at)
			last = at
		}
	}
}

// tick starts the crawls due after last, up to at.
func (s *Service) tick(last, at time.Time) {
	all, err := s.records()
	if err != nil {
		s.log.Error("read the crawlers", "error", err)
		return
	}
	for _, r := range all {
		if !r.dueAt(last, at) {
			continue
		}
		if _, err := s.Start(context.Background(), r.Name); err != nil {
			s.log.Warn("scheduled crawl", "crawler", r.Name, "error", err)
		}
	}
}

func (r record) dueAt(last, at time.Time) bool {
	if r.Schedule == nil || r.Schedule.State != scheduled {
		return false
	}
	expression, err := schedule.Parse(r.Schedule.ScheduleExpression)
	if err != nil {
		return false // Rejected at creation.
	}
	if last.Before(r.Updated) {
		last = r.Updated
	}
	next, ok := expression.Next(r.Updated, last)
	return ok && !next.After(at)
}
