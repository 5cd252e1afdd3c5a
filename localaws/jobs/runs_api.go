package jobs

import (
	"context"
	"errors"

	"localaws/awsjson"
)

const runsLimit = 200

type runInput struct {
	JobName string
	RunID   string `json:"RunId"`
}

type runOutput struct{ JobRun Run }

func (s *Service) getJobRun(_ context.Context, in runInput) (runOutput, error) {
	if _, err := s.find(in.JobName); err != nil {
		return runOutput{}, err
	}
	run, err := s.findRun(in.JobName, in.RunID)
	return runOutput{s.withTime(run)}, err
}

type runsInput struct {
	awsjson.Page
	JobName string
}

type runsOutput struct {
	JobRuns   []Run
	NextToken string `json:",omitempty"`
}

func (s *Service) getJobRuns(_ context.Context, in runsInput) (runsOutput, error) {
	if _, err := s.find(in.JobName); err != nil {
		return runsOutput{}, err
	}
	all, err := s.runs(in.JobName)
	if err != nil {
		return runsOutput{}, err
	}
	page, next, err := awsjson.Cut(all, in.Page, runsLimit)
	for i := range page {
		page[i] = s.withTime(page[i])
	}
	return runsOutput{orEmpty(page), next}, err
}

// Attempts returns the attempts of a run, oldest first.
func (s *Service) Attempts(job, runID string) ([]Run, error) {
	first := FirstAttempt(runID)
	all, err := s.runs(job)
	var out []Run
	for i := len(all) - 1; i >= 0; i-- {
		if FirstAttempt(all[i].ID) == first {
			out = append(out, s.withTime(all[i]))
		}
	}
	return out, err
}

// withTime sets the execution time of a run in progress.
func (s *Service) withTime(run Run) Run {
	if run.JobRunState == StateRunning || run.JobRunState == StateStopping {
		run.ExecutionTime = int(s.now() - run.StartedOn)
	}
	return run
}

type stopInput struct {
	JobName   string
	JobRunIDs []string `json:"JobRunIds"`
}

type stoppedRun struct {
	JobName  string
	JobRunID string `json:"JobRunId"`
}

type stopFailure struct {
	stoppedRun
	ErrorDetail errorDetail
}

type errorDetail struct{ ErrorCode, ErrorMessage string }

type stopOutput struct {
	SuccessfulSubmissions []stoppedRun
	Errors                []stopFailure
}

func (s *Service) batchStop(_ context.Context, in stopInput) (stopOutput, error) {
	out := stopOutput{SuccessfulSubmissions: []stoppedRun{}, Errors: []stopFailure{}}
	for _, id := range in.JobRunIDs {
		run := stoppedRun{in.JobName, id}
		err := s.Stop(in.JobName, id)
		var known *awsjson.Error
		switch {
		case err == nil:
			out.SuccessfulSubmissions = append(out.SuccessfulSubmissions, run)
		case errors.As(err, &known):
			out.Errors = append(out.Errors, stopFailure{run, errorDetail{known.Type, known.Message}})
		default:
			return stopOutput{}, err
		}
	}
	return out, nil
}

// Stop stops a run in progress, identified by any of its attempts. The run is STOPPED as soon as its processes have
// ended.
func (s *Service) Stop(job, runID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.active {
		if e.job.Name == job && FirstAttempt(e.run.ID) == FirstAttempt(runID) {
			return s.stop(e)
		}
	}
	run, err := s.findRun(job, runID)
	if err != nil {
		return err
	}
	return awsjson.Errorf("IllegalSessionStateException", "run %s is %s", runID, run.JobRunState)
}

func (s *Service) stop(e *activeRun) error {
	e.run.JobRunState, e.run.LastModifiedOn = StateStopping, s.now()
	e.cancel(errStopped)
	return s.saveRun(e.run)
}

// stopAll ends the runs of a deleted job, and discards their records and logs.
func (s *Service) stopAll(job string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.active {
		if e.job.Name == job {
			e.discarded = true
			e.cancel(errStopped)
		}
	}
}
