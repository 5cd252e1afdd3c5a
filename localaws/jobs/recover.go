package jobs

import (
	"errors"

	"localaws/store"
)

// recover marks runs as FAILED that were in progress when the last process of this service ended.
func (s *Service) recover() error {
	jobs, err := store.List[Job](s.opts.Store, jobsCollection)
	for _, job := range jobs {
		runs, listErr := s.runs(job.Name)
		err = errors.Join(err, listErr)
		for _, run := range runs {
			if !run.ended() {
				err = errors.Join(err, s.abandon(run))
			}
		}
	}
	return err
}

func (s *Service) abandon(run Run) error {
	killByEnv(run.ID)
	s.folder(run.ID).clean()
	run.JobRunState, run.ErrorMessage = StateFailed, errShutdown.Error()
	run.end(s.now())
	return s.saveRun(run)
}
