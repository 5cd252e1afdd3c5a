package main

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"

	"store-events/deploy"
	"store-events/policy/pack"
	"store-events/policy/rule"
)

// verdict is the result of the policies for a deployed stack.
type verdict struct {
	Stack     string `json:"stack"`
	Resources int    `json:"resources"`
	Summary   struct {
		Mandatory int            `json:"mandatory"`
		Advisory  int            `json:"advisory"`
		Undecided int            `json:"undecided"`
		Severity  map[string]int `json:"by_severity"`
	} `json:"summary"`
	// Violations are sorted by severity, most severe first.
	Violations []deploy.Violation `json:"violations"`
	// Notes are remarks without a level. Undecided lists resources for which a rule could not decide.
	Notes     []deploy.Violation `json:"notes"`
	Undecided []deploy.Violation `json:"undecided"`
	// Known is the number of findings in the baseline, which the lists omit.
	Known int `json:"known"`

	mustDecide bool
}

func newVerdict(stack string, resources int, reports []pack.Report) verdict {
	v := verdict{Stack: stack, Resources: resources, Violations: []deploy.Violation{}, Notes: []deploy.Violation{}, Undecided: []deploy.Violation{}}
	v.Summary.Severity = map[string]int{}
	slices.SortStableFunc(reports, func(a, b pack.Report) int {
		return cmp.Or(cmp.Compare(a.Severity, b.Severity), cmp.Compare(b.Level, a.Level))
	})
	for _, r := range reports {
		v.add(r)
	}
	return v
}

func (v *verdict) add(r pack.Report) {
	violation := deploy.Violation{Policy: r.Policy, Level: r.Level.String(), Severity: r.Severity.String(), Resource: nameOf(r.URN), Message: deploy.WithoutTitle(r.Message)}
	switch r.Policy {
	case pack.UndecidedPolicy:
		v.Undecided = append(v.Undecided, violation)
		v.Summary.Undecided++
		return
	case pack.NotePolicy:
		v.Notes = append(v.Notes, violation)
		return
	}
	v.Violations = append(v.Violations, violation)
	v.Summary.Severity[violation.Severity]++
	if r.Level == rule.Mandatory {
		v.Summary.Mandatory++
	} else {
		v.Summary.Advisory++
	}
}

func nameOf(text string) string {
	if text == "" {
		return "the stack"
	}
	u := urn.URN(text)
	return string(u.Type()) + " " + u.Name()
}

// err returns why the stack does not pass. The findings are already printed.
func (v verdict) err() error {
	if v.Summary.Mandatory == 0 && (!v.mustDecide || v.Summary.Undecided == 0) {
		return nil
	}
	return &reportedError{fmt.Errorf("stack %s does not pass: %d mandatory violations, %d undecided", v.Stack, v.Summary.Mandatory, v.Summary.Undecided)}
}
