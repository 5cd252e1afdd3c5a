package pack

import "store-events/policy/rule"

// Policy is what the engine knows of a rule, or of one of the pack's own policies.
type Policy struct {
	Name, Title, Fix, URL string
	Level                 rule.Level
	Severity              rule.Severity
	// Resource and Stack tell what it judges.
	Resource, Stack bool
}

// Policies lists everything that may be reported.
func (p *Pack) Policies() []Policy {
	var list []Policy
	for _, r := range p.rules {
		list = append(list, Policy{
			Name: r.ID, Title: r.Title, Fix: r.Fix, URL: link(r.Sources), Level: p.levels[r.ID], Severity: r.Severity,
			Resource: r.Resource != nil, Stack: r.Stack != nil,
		})
	}
	for _, kind := range []rule.Kind{rule.Failed, rule.Undecided, rule.Note} {
		c := companions[kind]
		list = append(list, Policy{Name: c.name, Title: c.title, Level: p.levels[c.name], Severity: rule.Low, Resource: true, Stack: true})
	}
	return list
}
