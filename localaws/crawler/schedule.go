package crawler

import (
	"context"

	"localaws/awsjson"
)

type scheduleRequest struct {
	CrawlerName string
	Schedule    string
}

func (s *Service) updateSchedule(_ context.Context, in scheduleRequest) (empty, error) {
	return empty{}, s.change(in.CrawlerName, func(r *record) error {
		r.setSchedule(&in.Schedule)
		return r.validate()
	})
}

func (s *Service) startSchedule(_ context.Context, in scheduleRequest) (empty, error) {
	return empty{}, s.change(in.CrawlerName, func(r *record) error {
		switch {
		case r.Schedule == nil:
			return awsjson.Errorf("NoScheduleException", "Crawler with name %s has no schedule", r.Name)
		case r.Schedule.State == scheduled:
			return awsjson.Errorf("SchedulerRunningException", "The schedule of crawler %s is already running", r.Name)
		}
		r.Schedule.State = scheduled
		return nil
	})
}

func (s *Service) stopSchedule(_ context.Context, in scheduleRequest) (empty, error) {
	return empty{}, s.change(in.CrawlerName, func(r *record) error {
		if r.Schedule == nil || r.Schedule.State != scheduled {
			return awsjson.Errorf("SchedulerNotRunningException", "The schedule of crawler %s is not running", r.Name)
		}
		r.Schedule.State = notScheduled
		return nil
	})
}
