package workflow

import (
	"context"
	"errors"

	"localaws/awsjson"
	"localaws/store"
)

const workflowsCollection = "glue.workflows"

// definition is the stored form of a workflow. Times are epoch seconds.
type definition struct {
	Name                 string
	Description          string            `json:",omitempty"`
	DefaultRunProperties map[string]string `json:",omitempty"`
	CreatedOn            float64
	LastModifiedOn       float64
	MaxConcurrentRuns    *int `json:",omitempty"`
}

// Workflow is the response of GetWorkflow:
// https://docs.aws.amazon.com/glue/latest/webapi/API_Workflow.html
type Workflow struct {
	definition
	LastRun *Run   `json:",omitempty"`
	Graph   *Graph `json:",omitempty"`
}

type workflowInput struct {
	Name                 string
	Description          *string
	DefaultRunProperties map[string]string
	MaxConcurrentRuns    *int
	Tags                 map[string]string
}

// apply sets the fields in the request.
func (in workflowInput) apply(d *definition) {
	if in.Description != nil {
		d.Description = *in.Description
	}
	if in.DefaultRunProperties != nil {
		d.DefaultRunProperties = in.DefaultRunProperties
	}
	if in.MaxConcurrentRuns != nil {
		d.MaxConcurrentRuns = in.MaxConcurrentRuns
	}
	d.LastModifiedOn = now()
}

func (s *Service) createWorkflow(_ context.Context, in workflowInput) (nameIO, error) {
	if in.Name == "" || len(in.Name) > 255 {
		return nameIO{}, refuse("Name must have 1 to 255 characters")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, err := s.findWorkflow(in.Name)
	if err == nil {
		return nameIO{}, awsjson.Errorf(awsjson.AlreadyExists, "Workflow with name %s already exists", in.Name)
	}
	if !isMissing(err) {
		return nameIO{}, err
	}
	d := definition{Name: in.Name, CreatedOn: now()}
	in.apply(&d)
	err = s.opts.Store.Put(workflowsCollection, d.Name, d)
	return nameIO{d.Name}, errors.Join(err, s.opts.Tags.Set(s.arn("workflow", d.Name), in.Tags))
}

func (s *Service) updateWorkflow(_ context.Context, in workflowInput) (nameIO, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	d, err := s.findWorkflow(in.Name)
	if err != nil {
		return nameIO{}, err
	}
	in.apply(&d)
	return nameIO{d.Name}, s.opts.Store.Put(workflowsCollection, d.Name, d)
}

// deleteWorkflow deletes the workflow and its runs. Running jobs and crawlers continue, but no longer fire triggers.
func (s *Service) deleteWorkflow(_ context.Context, in nameIO) (nameIO, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for id, r := range s.open {
		if r.Workflow == in.Name {
			delete(s.open, id)
		}
	}
	return in, errors.Join(
		s.opts.Store.Delete(workflowsCollection, in.Name),
		s.deleteRuns(in.Name),
		s.opts.Tags.Delete(s.arn("workflow", in.Name)),
	)
}

type getWorkflowInput struct {
	Name         string
	Names        []string
	IncludeGraph bool
}

type workflowOutput struct{ Workflow Workflow }

func (s *Service) getWorkflow(_ context.Context, in getWorkflowInput) (workflowOutput, error) {
	w, err := s.describe(in.Name, in.IncludeGraph)
	return workflowOutput{w}, err
}

func (s *Service) describe(name string, graph bool) (Workflow, error) {
	d, err := s.findWorkflow(name)
	if err != nil {
		return Workflow{}, err
	}
	w := Workflow{definition: d}
	runs, err := s.runs(name)
	if err != nil {
		return Workflow{}, err
	}
	if len(runs) > 0 {
		last, err := s.document(runs[0], graph)
		if err != nil {
			return Workflow{}, err
		}
		w.LastRun = &last
	}
	if graph {
		w.Graph, err = s.graph(name, nil)
	}
	return w, err
}

type workflowNamesOutput struct {
	Workflows []string
	NextToken string `json:",omitempty"`
}

func (s *Service) listWorkflows(_ context.Context, in awsjson.Page) (workflowNamesOutput, error) {
	all, err := store.List[definition](s.opts.Store, workflowsCollection)
	if err != nil {
		return workflowNamesOutput{}, err
	}
	page, next, err := awsjson.Cut(all, in, listLimit)
	names := make([]string, len(page))
	for i, d := range page {
		names[i] = d.Name
	}
	return workflowNamesOutput{names, next}, err
}

type batchWorkflowsOutput struct {
	Workflows        []Workflow
	MissingWorkflows []string
}

func (s *Service) batchGetWorkflows(_ context.Context, in getWorkflowInput) (batchWorkflowsOutput, error) {
	out := batchWorkflowsOutput{Workflows: []Workflow{}, MissingWorkflows: []string{}}
	for _, name := range in.Names {
		w, err := s.describe(name, in.IncludeGraph)
		switch {
		case isMissing(err):
			out.MissingWorkflows = append(out.MissingWorkflows, name)
		case err != nil:
			return batchWorkflowsOutput{}, err
		default:
			out.Workflows = append(out.Workflows, w)
		}
	}
	return out, nil
}

func (s *Service) findWorkflow(name string) (definition, error) {
	var d definition
	err := s.opts.Store.Get(workflowsCollection, name, &d)
	if errors.Is(err, store.ErrNotFound) {
		return definition{}, awsjson.Errorf(awsjson.EntityNotFound, "Workflow %s not found.", name)
	}
	return d, err
}
