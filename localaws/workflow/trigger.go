package workflow

import (
	"encoding/json"
	"errors"

	"localaws/awsjson"
	"localaws/jobs"
	"localaws/schedule"
	"localaws/store"
)

// Trigger is the response of GetTrigger:
// https://docs.aws.amazon.com/glue/latest/webapi/API_Trigger.html
type Trigger struct {
	Name         string
	WorkflowName string `json:",omitempty"`
	Type         string
	State        string
	triggerDefinition
}

// triggerDefinition is the part of a trigger that UpdateTrigger replaces.
type triggerDefinition struct {
	Description            string          `json:",omitempty"`
	Schedule               string          `json:",omitempty"`
	Actions                []Action        `json:",omitempty"`
	Predicate              *Predicate      `json:",omitempty"`
	EventBatchingCondition json.RawMessage `json:",omitempty"`
}

// Action starts a job or a crawler.
type Action struct {
	JobName               string                     `json:",omitempty"`
	Arguments             map[string]string          `json:",omitempty"`
	Timeout               *int                       `json:",omitempty"`
	SecurityConfiguration string                     `json:",omitempty"`
	NotificationProperty  *jobs.NotificationProperty `json:",omitempty"`
	CrawlerName           string                     `json:",omitempty"`
}

// storedTrigger adds a field that the API does not return.
type storedTrigger struct {
	Trigger
	// Since is the time of activation in epoch seconds, from which a rate counts.
	Since float64
}

// Types and states of triggers.
const (
	typeScheduled   = "SCHEDULED"
	typeConditional = "CONDITIONAL"
	typeOnDemand    = "ON_DEMAND"
	typeEvent       = "EVENT"

	stateCreated     = "CREATED"
	stateActivated   = "ACTIVATED"
	stateDeactivated = "DEACTIVATED"
)

const triggersCollection = "glue.triggers"

// starts reports whether a trigger can start a workflow.
func (t Trigger) starts() bool { return t.Type != typeConditional }

func (t Trigger) check() error {
	switch {
	case t.Name == "" || len(t.Name) > 255:
		return refuse("Name must have 1 to 255 characters")
	case t.Type != typeScheduled && t.Type != typeConditional && t.Type != typeOnDemand && t.Type != typeEvent:
		return refuse("Type %q is not one of SCHEDULED, CONDITIONAL, ON_DEMAND, EVENT", t.Type)
	case len(t.Actions) == 0:
		return refuse("Actions are missing")
	case t.Type == typeConditional && t.Predicate == nil:
		return refuse("Predicate is missing")
	case t.Type == typeEvent && t.WorkflowName == "":
		return refuse("a trigger of type EVENT must belong to a workflow")
	}
	for _, a := range t.Actions {
		if (a.JobName == "") == (a.CrawlerName == "") {
			return refuse("an action must name either a job or a crawler")
		}
	}
	if t.Type == typeScheduled {
		if _, err := schedule.Parse(t.Schedule); err != nil {
			return refuse("Schedule: %v", err)
		}
	}
	if t.Type == typeConditional {
		return t.checkPredicate()
	}
	return nil
}

func (t Trigger) checkPredicate() error {
	for _, c := range t.Predicate.Conditions {
		if c.JobName != "" && t.startsJob(c.JobName) {
			return refuse("Job cannot be a Predicate and Action for Conditional Trigger")
		}
	}
	return t.Predicate.check()
}

func refuse(format string, args ...any) error {
	return awsjson.Errorf(awsjson.InvalidInput, format, args...)
}

func (s *Service) findTrigger(name string) (storedTrigger, error) {
	var t storedTrigger
	err := s.opts.Store.Get(triggersCollection, name, &t)
	if errors.Is(err, store.ErrNotFound) {
		return storedTrigger{}, awsjson.Errorf(awsjson.EntityNotFound, "Trigger %s not found.", name)
	}
	return t, err
}

func (s *Service) saveTrigger(t storedTrigger) error {
	return s.opts.Store.Put(triggersCollection, t.Name, t)
}

func (s *Service) triggers() ([]storedTrigger, error) {
	return store.List[storedTrigger](s.opts.Store, triggersCollection)
}

// triggersOf returns the triggers of a workflow, or for "" the triggers outside of workflows.
func (s *Service) triggersOf(workflow string) ([]storedTrigger, error) {
	all, err := s.triggers()
	var out []storedTrigger
	for _, t := range all {
		if t.WorkflowName == workflow {
			out = append(out, t)
		}
	}
	return out, err
}
