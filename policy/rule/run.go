package rule

import (
	"fmt"
	"slices"
)

// CheckResource runs a resource rule. It reports a panic as a failed rule.
func (r Rule) CheckResource(resource Resource) (findings []Finding) {
	defer reportPanic(&findings)
	return distinct(On(resource, r.Resource(resource)))
}

// CheckStack runs a stack rule. It reports a panic as a failed rule.
func (r Rule) CheckStack(stack Stack) (findings []Finding) {
	defer reportPanic(&findings)
	return distinct(r.Stack(stack))
}

// distinct removes duplicate findings: a stack rule may reach a policy through each of its roles, or a security group
// through each resource in it.
func distinct(findings []Finding) []Finding {
	seen := map[Finding]bool{}
	return slices.DeleteFunc(findings, func(f Finding) bool {
		again := seen[f]
		seen[f] = true
		return again
	})
}

func reportPanic(findings *[]Finding) {
	if cause := recover(); cause != nil {
		*findings = append(*findings, Finding{Kind: Failed, Message: fmt.Sprintf("the rule panicked: %v", cause)})
	}
}
