// Package rule defines rules and how to check one, independent of the engine that runs it.
package rule

import "github.com/pulumi/pulumi/sdk/v3/go/property"

// Rule is one control: what must hold, why, how to fix violations, its sources, and the check.
// Exactly one of Resource and Stack is set.
type Rule struct {
	// ID names the rule everywhere: messages, configuration, documentation.
	ID string
	// Title describes what must hold, in one line.
	Title string
	// Why describes what happens otherwise.
	Why string
	// Fix describes what to write in the program.
	Fix string
	// Sources are the controls that require it, separated by semicolons; "project" marks this project's own rule.
	Sources string
	// Severity orders the findings.
	Severity Severity
	// Levels are the levels in each environment.
	Levels Levels
	// Options are the limits that the pack's configuration may set for this rule.
	Options []Option
	// NoExceptions marks a rule that allows no exceptions.
	NoExceptions bool
	// Types are the resource types that a resource rule checks or a stack rule reads. Empty means all.
	Types []string
	// Resource checks one resource's declaration.
	Resource func(Resource) []Finding
	// Stack checks relations between resources.
	Stack func(Stack) []Finding
	// Remediate returns the properties, by name, that make a resource comply; nil if it cannot or need not be changed.
	// It must not change values that are not known yet.
	Remediate func(Resource) map[string]property.Value
}

// AppliesTo reports whether the rule applies to this type.
func (r Rule) AppliesTo(resourceType string) bool {
	if len(r.Types) == 0 {
		return true
	}
	for _, t := range r.Types {
		if t == resourceType {
			return true
		}
	}
	return false
}

// Severity is the severity of a violation.
type Severity int

// Severities, worst first.
const (
	Critical Severity = iota
	High
	Medium
	Low
)

func (s Severity) String() string {
	return [...]string{"critical", "high", "medium", "low"}[s]
}
