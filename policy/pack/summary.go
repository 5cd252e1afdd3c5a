package pack

import (
	"fmt"
	"slices"
	"strings"

	"store-events/policy/rule"
)

// Summary describes the result of the run in one line, after the stack rules have run.
func (p *Pack) Summary() string {
	resources, reports := p.store.all()
	parts := violations(reports)
	for _, other := range []struct {
		kind rule.Kind
		what string
	}{{rule.Failed, "failed"}, {rule.Undecided, "not decided yet"}, {rule.Note, "noted"}} {
		if n := number(reports, func(r Report) bool { return r.Kind == other.kind }); n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, other.what))
		}
	}
	if !slices.ContainsFunc(reports, func(r Report) bool { return r.Kind == rule.Violation || r.Kind == rule.Failed }) {
		parts = slices.Insert(parts, 0, "no violation")
	}
	if n := p.store.remediations(); n > 0 {
		parts = append(parts, fmt.Sprintf("%d remediated", n))
	}
	return fmt.Sprintf("%s policies, %s (%d mandatory and %d advisory rules, %d resources): %s", Name, p.settings.Environment,
		p.rulesAt(rule.Mandatory), p.rulesAt(rule.Advisory), resources, strings.Join(append(parts, p.exceptionsUsed()...), ", "))
}

// violations counts violations by level and severity.
func violations(reports []Report) []string {
	var parts []string
	for _, level := range []rule.Level{rule.Mandatory, rule.Advisory} {
		var by []string
		total := 0
		for _, severity := range []rule.Severity{rule.Critical, rule.High, rule.Medium, rule.Low} {
			n := number(reports, func(r Report) bool {
				return r.Kind == rule.Violation && enforced(r.Level) == level && r.Severity == severity
			})
			if total += n; n > 0 {
				by = append(by, fmt.Sprintf("%d %s", n, severity))
			}
		}
		if total > 0 {
			parts = append(parts, fmt.Sprintf("%d %s (%s)", total, level, strings.Join(by, ", ")))
		}
	}
	return parts
}

// exceptionsUsed counts the exceptions that were needed; unused ones are reported individually.
func (p *Pack) exceptionsUsed() []string {
	used, expired := 0, 0
	for _, e := range p.exceptions {
		switch {
		case !e.used.Load():
		case e.expired(p.now()):
			expired++
		default:
			used++
		}
	}
	var parts []string
	if used > 0 {
		parts = append(parts, fmt.Sprintf("exceptions in use: %d", used))
	}
	if expired > 0 {
		parts = append(parts, fmt.Sprintf("expired: %d", expired))
	}
	return parts
}

func (p *Pack) rulesAt(level rule.Level) int {
	return number(p.rules, func(r rule.Rule) bool { return enforced(p.levels[r.ID]) == level })
}

// enforced returns the effective level of a violation that remains.
func enforced(l rule.Level) rule.Level { return min(l, rule.Mandatory) }

func number[T any](list []T, counts func(T) bool) int {
	n := 0
	for _, e := range list {
		if counts(e) {
			n++
		}
	}
	return n
}
