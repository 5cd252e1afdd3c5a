package workflow

import (
	"context"
	"maps"

	"localaws/awsjson"
)

type startRunInput struct {
	Name          string
	RunProperties map[string]string
}

type runIDOutput struct {
	RunID string `json:"RunId"`
}

// startWorkflowRun fires the workflow's starting trigger in any state.
func (s *Service) startWorkflowRun(ctx context.Context, in startRunInput) (runIDOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.findWorkflow(in.Name); err != nil {
		return runIDOutput{}, err
	}
	triggers, err := s.triggersOf(in.Name)
	if err != nil {
		return runIDOutput{}, err
	}
	for _, t := range triggers {
		if t.starts() {
			r, err := s.begin(ctx, t, in.RunProperties)
			if err != nil {
				return runIDOutput{}, err
			}
			return runIDOutput{r.ID}, nil
		}
	}
	return runIDOutput{}, refuse("Workflow %s has no starting trigger", in.Name)
}

type runInput struct {
	Name         string
	RunID        string `json:"RunId"`
	IncludeGraph bool
}

type runOutput struct{ Run Run }

func (s *Service) getWorkflowRun(_ context.Context, in runInput) (runOutput, error) {
	r, err := s.findRun(in.Name, in.RunID)
	if err != nil {
		return runOutput{}, err
	}
	doc, err := s.document(r, in.IncludeGraph)
	return runOutput{doc}, err
}

type runsInput struct {
	awsjson.Page
	Name         string
	IncludeGraph bool
}

type runsOutput struct {
	Runs      []Run
	NextToken string `json:",omitempty"`
}

func (s *Service) getWorkflowRuns(_ context.Context, in runsInput) (runsOutput, error) {
	if _, err := s.findWorkflow(in.Name); err != nil {
		return runsOutput{}, err
	}
	all, err := s.runs(in.Name)
	if err != nil {
		return runsOutput{}, err
	}
	page, next, err := awsjson.Cut(all, in.Page, listLimit)
	if err != nil {
		return runsOutput{}, err
	}
	out := runsOutput{Runs: []Run{}, NextToken: next}
	for _, r := range page {
		doc, err := s.document(r, in.IncludeGraph)
		if err != nil {
			return runsOutput{}, err
		}
		out.Runs = append(out.Runs, doc)
	}
	return out, nil
}

// stopWorkflowRun stops the running actions of a run. The run is STOPPED when all have ended.
func (s *Service) stopWorkflowRun(_ context.Context, in runInput) (struct{}, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, err := s.findRun(in.Name, in.RunID); err != nil {
		return struct{}{}, err
	}
	r, ok := s.open[in.RunID]
	if !ok || r.Status != running {
		return struct{}{}, awsjson.Errorf("IllegalWorkflowStateException", "run %s is not running", in.RunID)
	}
	r.Status = stopping
	for _, a := range r.Actions {
		if a.State != running {
			continue
		}
		if err := s.stopAction(a); err != nil {
			s.opts.Log.Warn("stop an action of a workflow", "kind", a.Kind, "name", a.Name, "error", err)
		}
	}
	return struct{}{}, s.saveRun(r)
}

func (s *Service) stopAction(a action) error {
	if a.Kind == job {
		return s.opts.Jobs.Stop(a.Name, a.ID)
	}
	return s.opts.Crawlers.Stop(a.Name)
}

// propertiesOutput omits an empty map, because Glue's model does not require the member.
type propertiesOutput struct {
	RunProperties map[string]string `json:",omitempty"`
}

func (s *Service) getRunProperties(_ context.Context, in runInput) (propertiesOutput, error) {
	r, err := s.findRun(in.Name, in.RunID)
	return propertiesOutput{r.Properties}, err
}

type putPropertiesInput struct {
	Name          string
	RunID         string `json:"RunId"`
	RunProperties map[string]string
}

// putRunProperties adds or replaces properties of a run.
func (s *Service) putRunProperties(_ context.Context, in putPropertiesInput) (struct{}, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	found, err := s.findRun(in.Name, in.RunID)
	if err != nil {
		return struct{}{}, err
	}
	r, ok := s.open[in.RunID]
	if !ok {
		r = &found
	}
	r.Properties = merged(r.Properties, in.RunProperties)
	return struct{}{}, s.saveRun(r)
}

// merged returns the entries of both maps. Those of overrides take precedence.
func merged(base, overrides map[string]string) map[string]string {
	out := map[string]string{}
	maps.Copy(out, base)
	maps.Copy(out, overrides)
	return out
}
