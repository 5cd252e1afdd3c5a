// Package mutation makes one change to the real program for each rule, to check that exactly this rule reports it.
package mutation

import (
	"fmt"
	"slices"

	"store-events/tests/policy/recording"
)

// Mutation is one change to the recorded program that violates one rule.
type Mutation struct {
	// Rule is the rule that must report.
	Rule string
	// Change violates the rule.
	Change Change
	// Also are further rules that the change violates.
	Also []string
	// Stack is the stack that is changed; empty means prod.
	Stack string
	// Replaces marks a change for which an update would replace a resource, so that its outputs are unknown as in the
	// first preview. The engine checks the change only there.
	Replaces bool
	// Fixes marks a rule that reports on the unchanged program; the change silences it.
	Fixes bool
}

// WithEvents are the settings of the mutated programs: objects also start the workflow, so that the program registers
// all its resources.
var WithEvents = recording.Settings{"store-events:trigger": "both"}

// In returns the stack to change.
func (m Mutation) In() string {
	if m.Stack == "" {
		return "prod"
	}
	return m.Stack
}

// Service is a table of mutations, for the rules of one folder of policy/rules.
type Service struct {
	Name      string
	Mutations []Mutation
}

// Services lists all tables.
func Services() []Service {
	return []Service{
		{"s3", s3}, {"rds", rds}, {"glue", glue}, {"iam", iam}, {"network", network}, {"secret", secret}, {"kms", kms},
		{"lambda", lambda}, {"compute", compute}, {"athena", athena}, {"observability", observability}, {"cost", cost}, {"general", general},
	}
}

// All returns every mutation.
func All() []Mutation {
	var all []Mutation
	for _, s := range Services() {
		all = append(all, s.Mutations...)
	}
	return all
}

// Apply returns a changed copy of a program.
func Apply(p recording.Program, mutations ...Mutation) (recording.Program, error) {
	changed := p
	changed.Resources = slices.Clone(p.Resources)
	for _, m := range mutations {
		if err := m.Change(&changed); err != nil {
			return changed, fmt.Errorf("mutation of %s: %w", m.Rule, err)
		}
	}
	return changed, nil
}
