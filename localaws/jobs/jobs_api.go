package jobs

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"localaws/awsjson"
	"localaws/store"
)

const (
	jobsCollection = "glue.jobs"
	listLimit      = 1000
)

type createInput struct {
	Name string
	Tags map[string]string
	Definition
}

type nameOutput struct{ Name string }

// create is idempotent, as on AWS: it succeeds for an existing job with the same definition.
func (s *Service) create(_ context.Context, in createInput) (nameOutput, error) {
	if in.Name == "" || len(in.Name) > 255 || strings.ContainsAny(in.Name, "\r\n") {
		return nameOutput{}, awsjson.Errorf(awsjson.InvalidInput, "Name must be one line of 1 to 255 characters")
	}
	if err := in.complete(); err != nil {
		return nameOutput{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	old, err := s.find(in.Name)
	switch {
	case isNotFound(err):
		return nameOutput{in.Name}, s.insert(in)
	case err != nil:
		return nameOutput{}, err
	case cmp.Equal(old.Definition, in.Definition, cmpopts.EquateEmpty()):
		return nameOutput{in.Name}, nil
	}
	return nameOutput{}, awsjson.Errorf(awsjson.IdempotentMismatch,
		"Job with name %s already submitted with different configuration.", in.Name)
}

func (s *Service) insert(in createInput) error {
	now := s.now()
	job := Job{Name: in.Name, CreatedOn: now, LastModifiedOn: now, Definition: in.Definition}
	if err := s.opts.Store.Put(jobsCollection, in.Name, job); err != nil {
		return err
	}
	return s.opts.Tags.Set(s.arn(in.Name), in.Tags)
}

type updateInput struct {
	JobName   string
	JobUpdate Definition
}

type jobNameOutput struct{ JobName string }

// update replaces the whole definition, as on AWS.
func (s *Service) update(_ context.Context, in updateInput) (jobNameOutput, error) {
	if err := in.JobUpdate.complete(); err != nil {
		return jobNameOutput{}, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	job, err := s.find(in.JobName)
	if err != nil {
		return jobNameOutput{}, err
	}
	job.Definition, job.LastModifiedOn = in.JobUpdate, s.now()
	return jobNameOutput{in.JobName}, s.opts.Store.Put(jobsCollection, job.Name, job)
}

type jobNameInput struct{ JobName string }

// remove deletes a job with its runs and bookmark, and stops its active runs. It succeeds for a missing job, as on
// AWS.
func (s *Service) remove(_ context.Context, in jobNameInput) (jobNameOutput, error) {
	s.stopAll(in.JobName)
	s.mu.Lock()
	defer s.mu.Unlock()
	return jobNameOutput(in), errors.Join(
		s.opts.Store.Delete(jobsCollection, in.JobName),
		s.opts.Store.Delete(bookmarksCollection, in.JobName),
		s.deleteRuns(in.JobName),
		s.opts.Tags.Delete(s.arn(in.JobName)),
	)
}

type jobOutput struct{ Job Job }

func (s *Service) get(_ context.Context, in jobNameInput) (jobOutput, error) {
	job, err := s.find(in.JobName)
	return jobOutput{job}, err
}

type jobsOutput struct {
	Jobs      []Job
	NextToken string `json:",omitempty"`
}

func (s *Service) getAll(_ context.Context, in awsjson.Page) (jobsOutput, error) {
	all, err := store.List[Job](s.opts.Store, jobsCollection)
	if err != nil {
		return jobsOutput{}, err
	}
	page, next, err := awsjson.Cut(all, in, listLimit)
	return jobsOutput{orEmpty(page), next}, err
}

type listInput struct {
	awsjson.Page
	Tags map[string]string
}

type namesOutput struct {
	JobNames  []string
	NextToken string `json:",omitempty"`
}

func (s *Service) list(_ context.Context, in listInput) (namesOutput, error) {
	if len(in.Tags) > 0 {
		return namesOutput{}, awsjson.Errorf(awsjson.InvalidInput, "filtering by tags is not supported")
	}
	all, err := store.List[Job](s.opts.Store, jobsCollection)
	if err != nil {
		return namesOutput{}, err
	}
	page, next, err := awsjson.Cut(all, in.Page, listLimit)
	names := make([]string, len(page))
	for i, job := range page {
		names[i] = job.Name
	}
	return namesOutput{names, next}, err
}

type batchOutput struct {
	Jobs         []Job
	JobsNotFound []string
}

func (s *Service) batchGet(_ context.Context, in struct{ JobNames []string }) (batchOutput, error) {
	out := batchOutput{Jobs: []Job{}, JobsNotFound: []string{}}
	for _, name := range slices.Compact(in.JobNames) {
		job, err := s.find(name)
		switch {
		case isNotFound(err):
			out.JobsNotFound = append(out.JobsNotFound, name)
		case err != nil:
			return batchOutput{}, err
		default:
			out.Jobs = append(out.Jobs, job)
		}
	}
	return out, nil
}

func (s *Service) find(name string) (Job, error) {
	var job Job
	err := s.opts.Store.Get(jobsCollection, name, &job)
	if errors.Is(err, store.ErrNotFound) {
		return Job{}, awsjson.Errorf(awsjson.EntityNotFound, "Job %s not found.", name)
	}
	return job, err
}

func (s *Service) arn(name string) string {
	return fmt.Sprintf("arn:aws:glue:%s:%s:job/%s", s.opts.Region, s.opts.AccountID, name)
}

func isNotFound(err error) bool {
	var known *awsjson.Error
	return errors.As(err, &known) && known.Type == awsjson.EntityNotFound
}

func orEmpty[T any](items []T) []T {
	if items == nil {
		return []T{}
	}
	return items
}

// ConnectionsOf returns the connections of a job, or nil if the job does not exist.
func (s *Service) ConnectionsOf(name string) ([]string, error) {
	var job Job
	err := s.opts.Store.Get(jobsCollection, name, &job)
	if errors.Is(err, store.ErrNotFound) || (err == nil && job.Connections == nil) {
		return nil, nil
	}
	if err != nil {
		return nil, fmt.Errorf("connections of job %s: %w", name, err)
	}
	return job.Connections.Connections, nil
}
