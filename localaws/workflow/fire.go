package workflow

import (
	"context"
	"errors"
	"slices"

	"localaws/awsjson"
	"localaws/jobs"
)

// begin starts a run with its first trigger. The caller holds the lock.
func (s *Service) begin(ctx context.Context, first storedTrigger, properties map[string]string) (*run, error) {
	if s.closed() {
		return nil, awsjson.Errorf("OperationTimeoutException", "the service is ending")
	}
	r := &run{ID: newRunID(), Workflow: first.WorkflowName, Status: running, StartedOn: now(), Properties: properties}
	if err := s.join(r); err != nil {
		return nil, err
	}
	s.open[r.ID] = r
	s.fire(ctx, r, first)
	return r, s.advance(ctx, r)
}

// join adds a run to its workflow, unless the workflow has too many concurrent runs.
func (s *Service) join(r *run) error {
	if r.Workflow == "" {
		return nil
	}
	d, err := s.findWorkflow(r.Workflow)
	if err != nil {
		return err
	}
	if d.MaxConcurrentRuns != nil && *d.MaxConcurrentRuns > 0 && s.running(d.Name) >= *d.MaxConcurrentRuns {
		return awsjson.Errorf(awsjson.ConcurrentRuns, "Concurrent runs exceeded for workflow %s", d.Name)
	}
	r.Properties = merged(d.DefaultRunProperties, r.Properties)
	earlier, err := s.runs(d.Name)
	if err != nil {
		return err
	}
	if len(earlier) > 0 {
		r.PreviousID = earlier[0].ID
	}
	triggers, err := s.triggersOf(d.Name)
	for _, t := range triggers {
		r.Total += len(t.Actions)
	}
	return err
}

func (s *Service) running(workflow string) int {
	n := 0
	for _, r := range s.open {
		if r.Workflow == workflow {
			n++
		}
	}
	return n
}

// fire starts the actions of a trigger within a run. Actions that cannot be started are in state ERROR.
func (s *Service) fire(ctx context.Context, r *run, t storedTrigger) {
	s.opts.Log.Info("trigger fires", "trigger", t.Name, "workflow", r.Workflow, "run", r.ID)
	r.Fired = append(r.Fired, t.Name)
	for _, a := range t.Actions {
		started := action{Trigger: t.Name, Kind: job, Name: a.JobName, StartedOn: now(), State: running}
		if a.CrawlerName != "" {
			started.Kind, started.Name = crawler, a.CrawlerName
		}
		var err error
		if started.ID, err = s.start(ctx, r, t, a); err != nil {
			s.opts.Log.Warn("action of a trigger", "trigger", t.Name, "name", started.Name, "error", err)
			started.State, started.Error, started.CompletedOn = errored, err.Error(), now()
		}
		r.Actions = append(r.Actions, started)
	}
}

func (s *Service) start(ctx context.Context, r *run, t storedTrigger, a Action) (string, error) {
	if a.CrawlerName != "" {
		return s.opts.Crawlers.Start(ctx, a.CrawlerName)
	}
	args := a.Arguments
	if r.Workflow != "" {
		args = merged(args, map[string]string{"--WORKFLOW_NAME": r.Workflow, "--WORKFLOW_RUN_ID": r.ID})
	}
	return s.opts.Jobs.Start(ctx, jobs.StartInput{
		JobName: a.JobName, Arguments: args, Timeout: a.Timeout, TriggerName: t.Name,
		SecurityConfiguration: a.SecurityConfiguration, NotificationProperty: a.NotificationProperty,
	})
}

// ended records the end of a job run or crawl, and fires the triggers that are due. As on AWS, it ignores runs and
// crawls that no trigger has started.
func (s *Service) ended(kind, name, id, state string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed() {
		return // The next service ends open runs.
	}
	for _, r := range s.open {
		i := slices.IndexFunc(r.Actions, func(a action) bool {
			return a.Kind == kind && a.Name == name && a.ID == id && a.State == running
		})
		if i < 0 {
			continue
		}
		r.Actions[i].State, r.Actions[i].CompletedOn = state, now()
		// The context is not a request's, because later actions outlive it.
		if err := s.advance(context.Background(), r); err != nil {
			s.opts.Log.Error("advance a workflow run", "workflow", r.Workflow, "run", r.ID, "error", err)
		}
		return
	}
}

// advance fires conditional triggers that are due, and ends the run if no action is running.
func (s *Service) advance(ctx context.Context, r *run) error {
	due, err := s.due(r)
	for err == nil && len(due) > 0 {
		for _, t := range due {
			s.fire(ctx, r, t)
		}
		due, err = s.due(r)
	}
	if r.statistics().RunningActions == 0 {
		r.close()
		delete(s.open, r.ID)
	}
	return errors.Join(err, s.saveRun(r))
}

func (s *Service) due(r *run) ([]storedTrigger, error) {
	if r.Status != running || s.closed() {
		return nil, nil
	}
	triggers, err := s.triggersOf(r.Workflow)
	var out []storedTrigger
	for _, t := range triggers {
		waits := t.Type == typeConditional && t.State == stateActivated && !slices.Contains(r.Fired, t.Name)
		if waits && t.Predicate.satisfied(r.Actions) {
			out = append(out, t)
		}
	}
	return out, err
}

// close ends a run. As on AWS, a run with failed actions is COMPLETED. It is in state ERROR only if no action could be
// started.
func (r *run) close() {
	r.CompletedOn = now()
	switch {
	case r.Status == stopping:
		r.Status = stopped
	case r.statistics().ErroredActions == len(r.Actions) && len(r.Actions) > 0:
		r.Status, r.Error = errored, r.Actions[0].Error
	default:
		r.Status = completed
	}
}
