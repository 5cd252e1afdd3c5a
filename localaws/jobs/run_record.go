package jobs

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"localaws/awsjson"
	"localaws/store"
)

// Run is the response of GetJobRun, in the wire format of
// https://docs.aws.amazon.com/glue/latest/webapi/API_JobRun.html. Times are
// epoch seconds, ExecutionTime is in seconds, Timeout in minutes.
type Run struct {
	ID                    string `json:"Id"`
	Attempt               int
	PreviousRunID         string `json:"PreviousRunId,omitempty"`
	TriggerName           string `json:",omitempty"`
	JobName               string
	JobMode               string `json:",omitempty"`
	JobRunQueuingEnabled  *bool  `json:",omitempty"`
	StartedOn             float64
	LastModifiedOn        float64
	CompletedOn           float64 `json:",omitempty"`
	JobRunState           string
	StateDetail           string            `json:",omitempty"`
	Arguments             map[string]string `json:",omitempty"`
	ErrorMessage          string            `json:",omitempty"`
	PredecessorRuns       []string
	AllocatedCapacity     int `json:",omitempty"`
	ExecutionTime         int
	Timeout               int      `json:",omitempty"`
	MaxCapacity           *float64 `json:",omitempty"`
	DPUSeconds            *float64 `json:",omitempty"`
	WorkerType            string   `json:",omitempty"`
	NumberOfWorkers       *int     `json:",omitempty"`
	ExecutionClass        string   `json:",omitempty"`
	SecurityConfiguration string   `json:",omitempty"`
	LogGroupName          string
	NotificationProperty  *NotificationProperty `json:",omitempty"`
	GlueVersion           string                `json:",omitempty"`
}

// States of a run.
const (
	StateStarting  = "STARTING"
	StateRunning   = "RUNNING"
	StateStopping  = "STOPPING"
	StateWaiting   = "WAITING"
	StateStopped   = "STOPPED"
	StateSucceeded = "SUCCEEDED"
	StateFailed    = "FAILED"
	StateTimeout   = "TIMEOUT"
	StateError     = "ERROR"
)

const attemptMark = "_attempt_"

// defaultLogGroup is the default prefix of log groups.
const defaultLogGroup = "/aws-glue/jobs"

// FirstAttempt returns the ID of a run's first attempt, which StartJobRun returned.
func FirstAttempt(runID string) string {
	first, _, _ := strings.Cut(runID, attemptMark)
	return first
}

// end sets the times of a run that has ended.
func (r *Run) end(now float64) {
	r.LastModifiedOn, r.CompletedOn, r.ExecutionTime = now, now, int(now-r.StartedOn)
}

func (r Run) ended() bool {
	switch r.JobRunState {
	case StateStarting, StateRunning, StateStopping, StateWaiting:
		return false
	}
	return true
}

func newRunID() string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // Never fails.
	return "jr_" + hex.EncodeToString(raw)
}

// nextAttempt returns the run that retries a failed one.
func (s *Service) nextAttempt(failed Run) Run {
	next := failed
	next.Attempt++
	next.ID = fmt.Sprintf("%s%s%d", FirstAttempt(failed.ID), attemptMark, next.Attempt)
	next.PreviousRunID = failed.ID
	next.StartedOn, next.LastModifiedOn, next.CompletedOn = s.now(), s.now(), 0
	next.JobRunState, next.ErrorMessage, next.ExecutionTime = StateStarting, "", 0
	return next
}

// newRun returns a run with the job's definition and the request's overrides.
func (s *Service) newRun(job Job, in StartInput) (Run, error) {
	workerType, workers, capacity := job.WorkerType, job.NumberOfWorkers, job.MaxCapacity
	setDefault(&in.WorkerType, workerType)
	if in.NumberOfWorkers != nil {
		workers = in.NumberOfWorkers
	}
	if workers != nil {
		units, err := capacityOf(in.WorkerType, *workers)
		if err != nil {
			return Run{}, err
		}
		capacity = &units
	}
	if in.Timeout == nil {
		in.Timeout = job.Timeout
	}
	if err := checkTimeout(in.Timeout); err != nil {
		return Run{}, err
	}
	if in.NotificationProperty == nil {
		in.NotificationProperty = job.NotificationProperty
	}
	setDefault(&in.SecurityConfiguration, job.SecurityConfiguration)
	setDefault(&in.ExecutionClass, job.ExecutionClass)
	now := s.now()
	return Run{
		ID: newRunID(), JobName: job.Name, JobMode: job.JobMode, TriggerName: in.TriggerName,
		StartedOn: now, LastModifiedOn: now, JobRunState: StateStarting,
		Arguments: maps.Clone(in.Arguments), PredecessorRuns: []string{},
		Timeout: *in.Timeout, MaxCapacity: capacity, AllocatedCapacity: job.AllocatedCapacity,
		WorkerType: in.WorkerType, NumberOfWorkers: workers, ExecutionClass: in.ExecutionClass,
		SecurityConfiguration: in.SecurityConfiguration, NotificationProperty: in.NotificationProperty,
		GlueVersion: job.GlueVersion, LogGroupName: defaultLogGroup,
	}, nil
}

func runsCollection(job string) string { return "glue.runs/" + job }

func (s *Service) saveRun(run Run) error {
	return s.opts.Store.Put(runsCollection(run.JobName), run.ID, run)
}

func (s *Service) findRun(job, id string) (Run, error) {
	var run Run
	err := s.opts.Store.Get(runsCollection(job), id, &run)
	if errors.Is(err, store.ErrNotFound) {
		return Run{}, awsjson.Errorf(awsjson.EntityNotFound, "Run %s of job %s not found.", id, job)
	}
	return run, err
}

// runs returns the runs of a job, newest first.
func (s *Service) runs(job string) ([]Run, error) {
	all, err := store.List[Run](s.opts.Store, runsCollection(job))
	slices.SortStableFunc(all, func(a, b Run) int {
		return cmp.Or(cmp.Compare(b.StartedOn, a.StartedOn), cmp.Compare(b.Attempt, a.Attempt))
	})
	return all, err
}

func (s *Service) deleteRuns(job string) error {
	all, err := s.runs(job)
	for _, run := range all {
		err = errors.Join(err, s.opts.Store.Delete(runsCollection(job), run.ID), os.RemoveAll(string(s.folder(run.ID))))
	}
	return err
}
