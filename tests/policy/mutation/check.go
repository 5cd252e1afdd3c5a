package mutation

import (
	"slices"
	"strings"

	"store-events/policy/rule"
	"store-events/policy/rules"
	"store-events/tests/policy/recording"
)

// Finding is a rule's finding about a resource.
type Finding struct {
	Rule, Resource string
	Kind           rule.Kind
}

// Check runs every rule on a program, in process.
func Check(p recording.Program, at recording.Moment) []Finding {
	stack := p.Checked(rule.DefaultSettings(rule.Environment(p.Stack)), at)
	var all []Finding
	for _, r := range rules.All() {
		for _, f := range check(r, stack) {
			all = append(all, Finding{r.ID, f.URN[strings.LastIndex(f.URN, "::")+2:], f.Kind})
		}
	}
	return all
}

// CheckChange is Check for a changed program, given the findings of the unchanged one: resource rules have the same
// findings for unchanged resources.
func CheckChange(p, from recording.Program, before []Finding, at recording.Moment) []Finding {
	stack, same := p.Checked(rule.DefaultSettings(rule.Environment(p.Stack)), at), p.Same(from)
	different := map[string]bool{} // By name, as in findings; several resources may have the same name.
	for _, r := range stack.Resources {
		different[r.Name] = different[r.Name] || !same[r.Type+"::"+r.Name]
	}
	changed := rule.Stack{Settings: stack.Settings}
	for _, r := range stack.Resources {
		if different[r.Name] {
			changed.Resources = append(changed.Resources, r)
		}
	}
	var all []Finding
	for _, r := range rules.All() {
		of := changed
		if r.Stack != nil {
			of = stack
		}
		for _, f := range check(r, of) {
			all = append(all, Finding{r.ID, f.URN[strings.LastIndex(f.URN, "::")+2:], f.Kind})
		}
		for _, f := range before {
			if r.Stack == nil && f.Rule == r.ID && !different[f.Resource] {
				all = append(all, f)
			}
		}
	}
	return all
}

func check(r rule.Rule, stack rule.Stack) []rule.Finding {
	var findings []rule.Finding
	if r.Stack != nil {
		findings = r.CheckStack(stack)
	}
	if r.Resource == nil {
		return findings
	}
	for _, resource := range stack.Resources {
		if r.AppliesTo(resource.Type) {
			findings = append(findings, r.CheckResource(resource)...)
		}
	}
	return findings
}

// Violations returns the findings that are violations, without duplicates.
func Violations(findings []Finding) []Finding {
	return slices.Compact(sorted(slices.DeleteFunc(slices.Clone(findings), func(f Finding) bool { return f.Kind != rule.Violation })))
}

func sorted(findings []Finding) []Finding {
	slices.SortFunc(findings, func(a, b Finding) int {
		return strings.Compare(a.Rule+" "+a.Resource, b.Rule+" "+b.Resource)
	})
	return findings
}

func without(all, known []Finding) []Finding {
	return slices.DeleteFunc(slices.Clone(all), func(f Finding) bool { return slices.Contains(known, f) })
}
