package workflow

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"slices"

	"localaws/awsjson"
	"localaws/store"
)

// Kinds of actions.
const (
	job     = "JOB"
	crawler = "CRAWLER"
)

// States of actions, which are job runs and crawls.
const (
	running   = "RUNNING"
	succeeded = "SUCCEEDED"
	failed    = "FAILED"
	stopped   = "STOPPED"
	cancelled = "CANCELLED"
	timedOut  = "TIMEOUT"
	errored   = "ERROR"
)

// States of runs, in addition to RUNNING, STOPPED and ERROR.
const (
	completed = "COMPLETED"
	stopping  = "STOPPING"
)

// run is created when a starting trigger fires. Outside of workflows, Workflow is empty and the run is not stored.
type run struct {
	ID          string
	Workflow    string
	PreviousID  string
	Status      string
	Error       string
	StartedOn   float64
	CompletedOn float64
	Properties  map[string]string
	Total       int      // Number of actions of the workflow's triggers.
	Fired       []string // Triggers that have fired. Each fires once.
	Actions     []action
}

// action is a job run or crawl that a trigger started or tried to start.
type action struct {
	Trigger     string
	Kind        string
	Name        string
	ID          string // The job run's first attempt, or the crawl.
	State       string
	Error       string
	StartedOn   float64
	CompletedOn float64
}

// Run is the response of GetWorkflowRun:
// https://docs.aws.amazon.com/glue/latest/webapi/API_WorkflowRun.html
type Run struct {
	Name                  string
	WorkflowRunID         string            `json:"WorkflowRunId"`
	PreviousRunID         string            `json:"PreviousRunId,omitempty"`
	WorkflowRunProperties map[string]string `json:",omitempty"`
	StartedOn             float64
	CompletedOn           float64 `json:",omitempty"`
	Status                string
	ErrorMessage          string `json:",omitempty"`
	Statistics            Statistics
	Graph                 *Graph `json:",omitempty"`
}

// Statistics counts the actions of a run.
type Statistics struct {
	TotalActions     int
	TimeoutActions   int
	FailedActions    int
	StoppedActions   int
	SucceededActions int
	RunningActions   int
	ErroredActions   int
	WaitingActions   int
}

func (r *run) statistics() Statistics {
	out := Statistics{TotalActions: r.Total}
	for _, a := range r.Actions {
		switch a.State {
		case timedOut:
			out.TimeoutActions++
		case failed:
			out.FailedActions++
		case stopped, cancelled:
			out.StoppedActions++
		case succeeded:
			out.SucceededActions++
		case running:
			out.RunningActions++
		default:
			out.ErroredActions++
		}
	}
	return out
}

// document returns a run in the API's format, optionally with the graph.
func (s *Service) document(r run, graph bool) (Run, error) {
	out := Run{
		Name: r.Workflow, WorkflowRunID: r.ID, PreviousRunID: r.PreviousID, WorkflowRunProperties: r.Properties,
		StartedOn: r.StartedOn, CompletedOn: r.CompletedOn, Status: r.Status, ErrorMessage: r.Error,
		Statistics: r.statistics(),
	}
	var err error
	if graph {
		out.Graph, err = s.graph(r.Workflow, r.Actions)
	}
	return out, err
}

func newRunID() string {
	raw := make([]byte, 32)
	_, _ = rand.Read(raw) // Never fails.
	return "wr_" + hex.EncodeToString(raw)
}

func runsCollection(workflow string) string { return "glue.workflowruns/" + workflow }

func (s *Service) saveRun(r *run) error {
	if r.Workflow == "" {
		return nil
	}
	return s.opts.Store.Put(runsCollection(r.Workflow), r.ID, r)
}

func (s *Service) findRun(workflow, id string) (run, error) {
	var r run
	err := s.opts.Store.Get(runsCollection(workflow), id, &r)
	if errors.Is(err, store.ErrNotFound) {
		return run{}, awsjson.Errorf(awsjson.EntityNotFound, "Run %s of workflow %s not found.", id, workflow)
	}
	return r, err
}

// runs returns the runs of a workflow, newest first.
func (s *Service) runs(workflow string) ([]run, error) {
	all, err := store.List[run](s.opts.Store, runsCollection(workflow))
	slices.SortStableFunc(all, func(a, b run) int { return cmp.Compare(b.StartedOn, a.StartedOn) })
	return all, err
}

func (s *Service) deleteRuns(workflow string) error {
	all, err := s.runs(workflow)
	for _, r := range all {
		err = errors.Join(err, s.opts.Store.Delete(runsCollection(workflow), r.ID))
	}
	return err
}

// recover marks runs as ERROR that were in progress when the last process of this service ended.
func (s *Service) recover() error {
	return s.eachWorkflow(func(name string) error {
		runs, err := s.runs(name)
		for _, r := range runs {
			if r.Status != running && r.Status != stopping {
				continue
			}
			r.Status, r.CompletedOn = errored, now()
			r.Error = "the local AWS ended during the run"
			for i := range r.Actions {
				if r.Actions[i].State == running {
					r.Actions[i].State, r.Actions[i].CompletedOn = failed, now()
				}
			}
			err = errors.Join(err, s.saveRun(&r))
		}
		return err
	})
}

func (s *Service) eachWorkflow(f func(name string) error) error {
	var names []string
	err := s.opts.Store.Each(workflowsCollection, func(name string, _ json.RawMessage) error {
		names = append(names, name)
		return nil
	})
	for _, name := range names {
		err = errors.Join(err, f(name))
	}
	return err
}
