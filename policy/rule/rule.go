// Package rule says what a rule is and how one is judged, apart from the engine that runs it.
package rule

import "github.com/pulumi/pulumi/sdk/v3/go/property"

// Rule is one control: what must hold, why, how to fix it, where it comes from, and the check.
// Exactly one of Resource and Stack is set.
type Rule struct {
	// ID names the rule everywhere: messages, configuration, documentation.
	ID string
	// Title says what must hold, in one line.
	Title string
	// Why says what happens otherwise.
	Why string
	// Fix says what to write in the program.
	Fix string
	// Sources are the controls that ask for it, separated by semicolons; "project" marks a rule of our own.
	Sources string
	// Severity orders the findings.
	Severity Severity
	// Levels tells how strictly the rule is enforced in each environment.
	Levels Levels
	// Options are the limits that the pack's configuration may set for this rule.
	Options []Option
	// NoExceptions marks a rule that holds without exception.
	NoExceptions bool
	// Types are the resource types judged by a resource rule, or read by a stack rule. Empty means all.
	Types []string
	// Resource judges one resource by what the program declares for it.
	Resource func(Resource) []Finding
	// Stack judges relations between resources.
	Stack func(Stack) []Finding
	// Remediate returns the properties, by name, that keep a resource from breaking the rule; nil where nothing can or need be
	// done. It sees what the program declares, and must leave alone what is not known yet.
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

// Severity tells how bad a violation is.
type Severity int

// Severities, the worst first.
const (
	Critical Severity = iota
	High
	Medium
	Low
)

func (s Severity) String() string {
	return [...]string{"critical", "high", "medium", "low"}[s]
}
