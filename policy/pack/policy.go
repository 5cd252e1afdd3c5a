package pack

import (
	"maps"
	"slices"

	"store-events/policy/framework"
	"store-events/policy/rule"
)

// Policy describes a rule, or one of the pack's own policies, to the engine.
type Policy struct {
	Name, Title, Fix, URL string
	Level                 rule.Level
	Severity              rule.Severity
	// Requirements are the requirements of CIS and PCI DSS that are related to the rule's sources.
	Requirements []string
	// Resource and Stack report what it checks.
	Resource, Stack bool
	// Levels are the allowed levels.
	Levels []rule.Level
	// Limits is the JSON schema of each limit that can be configured, with the current value as default.
	Limits map[string]any
}

// Policies lists every policy that can report.
func (p *Pack) Policies() []Policy {
	var list []Policy
	for _, r := range p.rules {
		list = append(list, Policy{
			Name: r.ID, Title: r.Title, Fix: r.Fix, URL: link(r.Sources), Level: p.levels[r.ID], Severity: r.Severity,
			Requirements: framework.Current(r), Resource: r.Resource != nil, Stack: r.Stack != nil, Levels: levels(r), Limits: p.limits(r),
		})
	}
	for _, kind := range []rule.Kind{rule.Failed, rule.Undecided, rule.Note} {
		c := companions[kind]
		list = append(list, Policy{Name: c.name, Title: c.title, Level: p.levels[c.name], Severity: rule.Low, Levels: c.levels, Resource: true, Stack: true})
	}
	return list
}

var anyLevel = []rule.Level{rule.Off, rule.Advisory, rule.Mandatory}

func levels(r rule.Rule) []rule.Level {
	if r.Remediate == nil {
		return anyLevel
	}
	return append(slices.Clone(anyLevel), rule.Remediate)
}

func (p *Pack) limits(r rule.Rule) map[string]any {
	limits := map[string]any{}
	for _, o := range r.Options {
		schema := maps.Clone(o.Schema)
		schema["default"] = o.Value(p.settings)
		limits[o.Name] = schema
	}
	return limits
}
