package deploy

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/diag/colors"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
)

// Step is an operation of the engine on one resource.
type Step struct {
	Op    string   `json:"op"`
	Type  string   `json:"type"`
	Name  string   `json:"name"`
	Diffs []string `json:"diffs,omitempty"`
	// Seconds is the step's duration.
	Seconds float64 `json:"seconds"`
}

// Changes reports whether the step changes a resource.
func (s Step) Changes() bool {
	reads := []apitype.OpType{apitype.OpSame, apitype.OpRead, apitype.OpReadDiscard, apitype.OpRefresh}
	return !slices.Contains(reads, apitype.OpType(s.Op))
}

// Violation is a report of a policy.
type Violation struct {
	Policy   string `json:"policy"`
	Level    string `json:"level"`
	Severity string `json:"severity,omitempty"`
	Resource string `json:"resource,omitempty"`
	Message  string `json:"message"`
}

// Result is the outcome of a preview, an update or a destroy.
type Result struct {
	Stack      string         `json:"stack"`
	Operation  string         `json:"operation"`
	Seconds    float64        `json:"seconds"`
	Changes    map[string]int `json:"changes"`
	Steps      []Step         `json:"steps"`
	Violations []Violation    `json:"violations"`
	Errors     []string       `json:"errors,omitempty"`
	// Notes are other messages of the engine or a policy pack.
	Notes   []string       `json:"notes,omitempty"`
	Outputs map[string]any `json:"outputs,omitempty"`
	// DataLoss describes the data that the changes delete.
	DataLoss []string `json:"data_loss,omitempty"`
	// Diff is the engine's text of a preview's changes.
	Diff string `json:"diff,omitempty"`
	// Planned are the resources that a preview would create or that exist already.
	Planned []Planned `json:"-"`
	// pending are warnings about operations of an earlier update that were cut off.
	pending []string
	// Cost is the monthly cost of the planned resources; nil for operations other than preview.
	Cost *Cost `json:"cost,omitempty"`
}

// Changed reports whether anything changed.
func (r Result) Changed() bool {
	return slices.ContainsFunc(r.Steps, Step.Changes)
}

// collector collects the engine's events in a Result.
type collector struct {
	result   Result
	began    map[string]time.Time
	progress func(Step)
	plan     plan
}

func newCollector(stack, operation string, progress func(Step)) *collector {
	return &collector{
		result:   Result{Stack: stack, Operation: operation, Changes: map[string]int{}, Steps: []Step{}, Violations: []Violation{}},
		began:    map[string]time.Time{},
		progress: progress,
	}
}

// listen consumes events until the engine closes the channel or quit is closed,
// because an engine that fails to start never closes its channel.
func (c *collector) listen(ch <-chan events.EngineEvent, quit <-chan struct{}) {
	for {
		select {
		case e, ok := <-ch:
			if !ok {
				return
			}
			c.event(e)
		case <-quit:
			return
		}
	}
}

// pendingOperations is part of the engine's warning about a state with operations that were cut off because
// the engine was killed. The engine repeats a creation, even if AWS has completed it.
const pendingOperations = "pending operations from previous deployment"

func (c *collector) event(e events.EngineEvent) {
	switch {
	case e.ResourcePreEvent != nil:
		c.began[e.ResourcePreEvent.Metadata.URN] = time.Now()
		if e.ResourcePreEvent.Planning { // In a preview, only some steps have an end event.
			c.step(e.ResourcePreEvent.Metadata)
			c.result.Planned = append(c.result.Planned, planned(e.ResourcePreEvent.Metadata)...)
			c.plan.add(e.ResourcePreEvent.Metadata)
		}
	case e.ResOutputsEvent != nil && !e.ResOutputsEvent.Planning:
		c.step(e.ResOutputsEvent.Metadata)
	case e.PolicyEvent != nil:
		c.violation(*e.PolicyEvent)
	case e.DiagnosticEvent != nil && e.DiagnosticEvent.Severity == "error":
		c.result.Errors = append(c.result.Errors, message(*e.DiagnosticEvent)...)
	case e.DiagnosticEvent != nil && e.DiagnosticEvent.Severity == "warning" && strings.Contains(e.DiagnosticEvent.Message, pendingOperations):
		c.result.pending = message(*e.DiagnosticEvent)
		c.result.Notes = append(c.result.Notes, c.result.pending...)
	case e.DiagnosticEvent != nil && e.DiagnosticEvent.Severity == "info" && !e.DiagnosticEvent.Ephemeral:
		c.result.Notes = append(c.result.Notes, message(*e.DiagnosticEvent)...)
	}
}

func (c *collector) step(m apitype.StepEventMetadata) {
	u := urn.URN(m.URN)
	s := Step{Op: string(m.Op), Type: m.Type, Name: u.Name(), Diffs: m.Diffs}
	if t, ok := c.began[m.URN]; ok {
		s.Seconds = time.Since(t).Seconds()
	}
	c.result.Steps = append(c.result.Steps, s)
	c.result.Changes[s.Op]++
	if loss := dataLoss(c.result.Operation, m); loss != "" {
		c.result.DataLoss = append(c.result.DataLoss, loss)
	}
	if c.progress != nil {
		c.progress(s)
	}
}

func (c *collector) violation(p apitype.PolicyEvent) {
	v := Violation{Policy: p.PolicyName, Level: p.EnforcementLevel, Severity: p.Severity, Message: WithoutTitle(strings.TrimSpace(colors.Never.Colorize(p.Message)))}
	if p.ResourceURN != "" {
		u := urn.URN(p.ResourceURN)
		v.Resource = string(u.Type()) + " " + u.Name()
	}
	c.result.Violations = append(c.result.Violations, v)
}

// WithoutTitle removes the rule's title, with which the engine begins a message: the
// title describes the compliant state, which is confusing in an error.
func WithoutTitle(message string) string {
	if at := strings.Index(message, "\n["); at >= 0 {
		return message[at+1:]
	}
	return message
}

// message returns the text of a diagnostic with its resource; nil if it is empty.
func message(d apitype.DiagnosticEvent) []string {
	msg := strings.TrimSpace(colors.Never.Colorize(d.Message))
	switch u := urn.URN(d.URN); {
	case msg == "":
		return nil
	case d.URN == "":
		return []string{msg}
	default:
		return []string{fmt.Sprintf("%s %s: %s", u.Type(), u.Name(), msg)}
	}
}
