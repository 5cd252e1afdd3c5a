package jobs

import (
	"context"

	"localaws/awsjson"
)

// StartInput is the request of StartJobRun, with the name of the trigger that starts the run.
type StartInput struct {
	JobName               string
	JobRunID              string `json:"JobRunId"`
	Arguments             map[string]string
	Timeout               *int
	WorkerType            string
	NumberOfWorkers       *int
	SecurityConfiguration string
	NotificationProperty  *NotificationProperty
	ExecutionClass        string
	TriggerName           string `json:"-"`
}

type startOutput struct {
	JobRunID string `json:"JobRunId"`
}

func (s *Service) startJobRun(ctx context.Context, in StartInput) (startOutput, error) {
	id, err := s.Start(ctx, in)
	return startOutput{id}, err
}

// Start starts a run and returns its ID. Its errors are those of StartJobRun: EntityNotFoundException,
// InvalidInputException and ConcurrentRunsExceededException.
func (s *Service) Start(_ context.Context, in StartInput) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.ctx.Err() != nil {
		return "", awsjson.Errorf("OperationTimeoutException", "the service is ending")
	}
	job, err := s.find(in.JobName)
	if err != nil {
		return "", err
	}
	if job.Command.Name == kindRay {
		return "", awsjson.Errorf(awsjson.InvalidInput, "jobs of kind %s are not supported on this machine", kindRay)
	}
	run, err := s.newRun(job, in)
	if err != nil {
		return "", err
	}
	if in.JobRunID != "" {
		if run, err = s.asRetryOf(run, in.JobRunID); err != nil {
			return "", err
		}
	}
	if s.activeRunsOf(job.Name) >= job.ExecutionProperty.MaxConcurrentRuns {
		return "", awsjson.Errorf(awsjson.ConcurrentRuns, "Concurrent runs exceeded for %s", job.Name)
	}
	if err := s.saveRun(run); err != nil {
		return "", err
	}
	s.supervise(job, run)
	return run.ID, nil
}

// asRetryOf returns the run as the next attempt of an earlier run that has ended.
func (s *Service) asRetryOf(run Run, earlier string) (Run, error) {
	if _, err := s.findRun(run.JobName, earlier); err != nil {
		return Run{}, err
	}
	attempts, err := s.Attempts(run.JobName, earlier)
	if err != nil {
		return Run{}, err
	}
	last := attempts[len(attempts)-1]
	if !last.ended() {
		return Run{}, awsjson.Errorf(awsjson.InvalidInput, "run %s is %s", last.ID, last.JobRunState)
	}
	run.ID, run.Attempt = last.ID, last.Attempt
	return s.nextAttempt(run), nil
}

func (s *Service) activeRunsOf(job string) int {
	n := 0
	for _, e := range s.active {
		if e.job.Name == job {
			n++
		}
	}
	return n
}
