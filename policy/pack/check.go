package pack

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"store-events/policy/aws"
	"store-events/policy/rule"
)

// entry is one finding of a rule.
type entry struct {
	rule    rule.Rule
	finding rule.Finding
}

// CheckResource runs the resource rules on a resource's declaration.
func (p *Pack) CheckResource(r rule.Resource) []Report {
	p.store.record(r.URN, r.Inputs)
	r.Settings = p.settings
	var entries []entry
	for _, part := range parts(r) {
		for _, by := range p.rules {
			if by.Resource != nil && p.enforces(by) && by.AppliesTo(part.Type) {
				entries = p.add(entries, by, by.CheckResource(part))
			}
		}
	}
	return p.store.keep(r.URN, p.render(entries))
}

// Declare stores a resource's declaration for CheckStack, without running the resource rules.
func (p *Pack) Declare(r rule.Resource) { p.store.record(r.URN, r.Inputs) }

// CheckStack runs the stack rules. The resources have only outputs; CheckResource has stored their
// declarations.
func (p *Pack) CheckStack(resources []rule.Resource) []Report {
	s := p.stack(resources)
	var entries []entry
	for _, by := range p.rules {
		if by.Stack != nil && p.enforces(by) {
			entries = p.add(entries, by, by.CheckStack(s))
		}
	}
	return p.store.keep("", append(p.render(entries), p.unused()...))
}

// NotApplicable returns the names of the policies that do not apply to a resource type.
func (p *Pack) NotApplicable(resourceType string) []string {
	types := aws.PartTypes(resourceType)
	var names []string
	for _, r := range p.rules {
		if r.Resource != nil && !slices.ContainsFunc(types, r.AppliesTo) {
			names = append(names, r.ID)
		}
	}
	return names
}

func (p *Pack) enforces(r rule.Rule) bool { return p.levels[r.ID] != rule.Off }

func (p *Pack) add(entries []entry, r rule.Rule, findings []rule.Finding) []entry {
	for _, f := range findings {
		entries = append(entries, entry{r, p.except(r, declared(f))})
	}
	return entries
}

func (p *Pack) stack(resources []rule.Resource) rule.Stack {
	s := rule.Stack{Settings: p.settings}
	for _, r := range resources {
		r.Settings = p.settings
		inputs, ok := p.store.inputs(r.URN)
		if !ok { // Computed values look like inline configuration.
			r.Type, r.Inputs = aws.Canonical(r.Type), withoutComputed(r)
			s.Resources = append(s.Resources, r)
			continue
		}
		r.Inputs = inputs
		s.Resources = append(s.Resources, parts(r)...)
	}
	return s
}

// withoutComputed returns the inputs of a resource that was not checked individually, as with --target: its outputs
// without unknown ones that do not come from another resource, because the program did not set these.
func withoutComputed(r rule.Resource) property.Map {
	declared := r.Outputs
	for key, v := range r.Outputs.All {
		if v.IsComputed() && len(r.PropertyDependencies[key]) == 0 {
			declared = declared.Delete(key)
		}
	}
	return declared
}
