package workflow

import (
	"context"
	"errors"

	"localaws/awsjson"
)

const listLimit = 200

type createTriggerInput struct {
	Name            string
	WorkflowName    string
	Type            string
	StartOnCreation bool
	Tags            map[string]string
	triggerDefinition
}

type nameIO struct{ Name string }

func (s *Service) createTrigger(_ context.Context, in createTriggerInput) (nameIO, error) {
	t := storedTrigger{Trigger: Trigger{in.Name, in.WorkflowName, in.Type, stateCreated, in.triggerDefinition}}
	if err := t.check(); err != nil {
		return nameIO{}, err
	}
	if in.StartOnCreation && t.Type == typeOnDemand {
		return nameIO{}, refuse("StartOnCreation is not supported for ON_DEMAND triggers")
	}
	if in.StartOnCreation && t.Type != typeEvent {
		t.State, t.Since = stateActivated, now()
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.checkNew(t.Trigger); err != nil {
		return nameIO{}, err
	}
	return nameIO{t.Name}, errors.Join(s.saveTrigger(t), s.opts.Tags.Set(s.arn("trigger", t.Name), in.Tags))
}

// checkNew rejects existing names, missing workflows, and a second starting trigger.
func (s *Service) checkNew(t Trigger) error {
	_, err := s.findTrigger(t.Name)
	if err == nil {
		return awsjson.Errorf(awsjson.AlreadyExists, "Trigger with name %s already exists", t.Name)
	}
	if !isMissing(err) || t.WorkflowName == "" {
		return ignoreMissing(err)
	}
	if _, err := s.findWorkflow(t.WorkflowName); err != nil {
		return err
	}
	others, err := s.triggersOf(t.WorkflowName)
	for _, other := range others {
		if t.starts() && other.starts() {
			return refuse("Workflow %s already has the starting trigger %s", t.WorkflowName, other.Name)
		}
	}
	return err
}

type updateTriggerInput struct {
	Name          string
	TriggerUpdate triggerDefinition
}

type triggerOutput struct{ Trigger Trigger }

// updateTrigger replaces the definition, except name, type, workflow and state, as on AWS.
func (s *Service) updateTrigger(_ context.Context, in updateTriggerInput) (triggerOutput, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	t, err := s.findTrigger(in.Name)
	if err != nil {
		return triggerOutput{}, err
	}
	if t.Schedule != in.TriggerUpdate.Schedule {
		t.Since = now()
	}
	t.triggerDefinition = in.TriggerUpdate
	if err := t.check(); err != nil {
		return triggerOutput{}, err
	}
	return triggerOutput{t.Trigger}, s.saveTrigger(t)
}

// deleteTrigger deletes a trigger. It succeeds for a missing trigger, as on AWS.
func (s *Service) deleteTrigger(_ context.Context, in nameIO) (nameIO, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return in, errors.Join(s.opts.Store.Delete(triggersCollection, in.Name), s.opts.Tags.Delete(s.arn("trigger", in.Name)))
}

func (s *Service) getTrigger(_ context.Context, in nameIO) (triggerOutput, error) {
	t, err := s.findTrigger(in.Name)
	return triggerOutput{t.Trigger}, err
}

type triggersInput struct {
	awsjson.Page
	DependentJobName string
	Tags             map[string]string
}

type triggersOutput struct {
	Triggers  []Trigger
	NextToken string `json:",omitempty"`
}

func (s *Service) getTriggers(_ context.Context, in triggersInput) (triggersOutput, error) {
	found, err := s.matching(in)
	if err != nil {
		return triggersOutput{}, err
	}
	page, next, err := awsjson.Cut(found, in.Page, listLimit)
	return triggersOutput{orEmpty(page), next}, err
}

type triggerNamesOutput struct {
	TriggerNames []string
	NextToken    string `json:",omitempty"`
}

func (s *Service) listTriggers(_ context.Context, in triggersInput) (triggerNamesOutput, error) {
	found, err := s.matching(in)
	if err != nil {
		return triggerNamesOutput{}, err
	}
	page, next, err := awsjson.Cut(found, in.Page, listLimit)
	names := make([]string, len(page))
	for i, t := range page {
		names[i] = t.Name
	}
	return triggerNamesOutput{names, next}, err
}

// matching returns all triggers, or the triggers that start DependentJobName.
func (s *Service) matching(in triggersInput) ([]Trigger, error) {
	if len(in.Tags) > 0 {
		return nil, refuse("filtering by tags is not supported")
	}
	all, err := s.triggers()
	var out []Trigger
	for _, t := range all {
		if in.DependentJobName == "" || t.startsJob(in.DependentJobName) {
			out = append(out, t.Trigger)
		}
	}
	return out, err
}

func (t Trigger) startsJob(name string) bool {
	for _, a := range t.Actions {
		if a.JobName == name {
			return true
		}
	}
	return false
}

type batchTriggersInput struct{ TriggerNames []string }

type batchTriggersOutput struct {
	Triggers         []Trigger
	TriggersNotFound []string
}

func (s *Service) batchGetTriggers(_ context.Context, in batchTriggersInput) (batchTriggersOutput, error) {
	out := batchTriggersOutput{Triggers: []Trigger{}, TriggersNotFound: []string{}}
	for _, name := range in.TriggerNames {
		t, err := s.findTrigger(name)
		switch {
		case isMissing(err):
			out.TriggersNotFound = append(out.TriggersNotFound, name)
		case err != nil:
			return batchTriggersOutput{}, err
		default:
			out.Triggers = append(out.Triggers, t.Trigger)
		}
	}
	return out, nil
}

func isMissing(err error) bool {
	var known *awsjson.Error
	return errors.As(err, &known) && known.Type == awsjson.EntityNotFound
}

func ignoreMissing(err error) error {
	if isMissing(err) {
		return nil
	}
	return err
}
