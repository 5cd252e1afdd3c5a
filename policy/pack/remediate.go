package pack

import (
	"fmt"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"store-events/policy/aws"
	"store-events/policy/rule"
)

// Remediation is a change to a resource that makes it comply with a rule.
type Remediation struct {
	Policy, Title string
	// Properties holds the changed properties by name.
	Properties map[string]property.Value
	// Failure is the reason why nothing could be fixed.
	Failure string
}

// Remediate applies the rules whose level is rule.Remediate, each to the result of the one before.
func (p *Pack) Remediate(r rule.Resource) []Remediation {
	r.Type = aws.Canonical(r.Type)
	var made []Remediation
	for _, by := range p.rules {
		if p.levels[by.ID] != rule.Remediate {
			continue
		}
		r.Settings = p.settings
		remediation := p.remediate(by, r)
		for name, v := range remediation.Properties {
			r.Inputs = r.Inputs.Set(name, v)
		}
		if len(remediation.Properties) > 0 || remediation.Failure != "" {
			made = append(made, remediation)
		}
	}
	p.store.countFixed(r.URN, len(made))
	return made
}

// Remediates reports whether any rule remediates.
func (p *Pack) Remediates() bool {
	return slices.ContainsFunc(p.rules, func(r rule.Rule) bool { return p.levels[r.ID] == rule.Remediate })
}

// NotRemediating lists the resource rules that do not remediate.
func (p *Pack) NotRemediating() []string {
	var names []string
	for _, r := range p.rules {
		if r.Resource != nil && p.levels[r.ID] != rule.Remediate {
			names = append(names, r.ID)
		}
	}
	return names
}

func (p *Pack) remediate(by rule.Rule, r rule.Resource) (made Remediation) {
	made = Remediation{Policy: by.ID, Title: by.Title}
	defer func() {
		if cause := recover(); cause != nil {
			made.Properties, made.Failure = nil, fmt.Sprintf("%s: the remediation panicked: %v", by.ID, cause)
		}
	}()
	if !by.AppliesTo(r.Type) || p.exempts(by, r) || !breaks(by, r) {
		return made
	}
	made.Properties = by.Remediate(r)
	return made
}

// breaks reports whether a resource violates a rule. Remediations of stack rules decide that
// themselves.
func breaks(by rule.Rule, r rule.Resource) bool {
	return by.Resource == nil || slices.ContainsFunc(by.CheckResource(r), func(f rule.Finding) bool { return f.Kind == rule.Violation })
}

// exempts reports whether an exception excludes the resource.
func (p *Pack) exempts(by rule.Rule, r rule.Resource) bool {
	return slices.ContainsFunc(p.exceptions, func(e *exception) bool { return e.covers(by, nameIn(r.URN)) && !e.expired(p.now()) })
}
