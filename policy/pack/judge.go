package pack

import (
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"store-events/policy/aws"
	"store-events/policy/rule"
)

// entry is one finding of a rule.
type entry struct {
	rule    rule.Rule
	finding rule.Finding
}

// JudgeResource runs the resource rules on a resource's declaration.
func (p *Pack) JudgeResource(r rule.Resource) []Report {
	p.ledger.record(r.URN, r.Inputs)
	r.Type, r.Settings = aws.Canonical(r.Type), p.settings
	var entries []entry
	for _, by := range p.rules {
		if by.Resource != nil && p.enforces(by) && by.AppliesTo(r.Type) {
			entries = p.add(entries, by, by.JudgeResource(r))
		}
	}
	return p.ledger.keep(r.URN, p.tell(entries))
}

// JudgeStack runs the stack rules. The resources have outputs only; their declarations were kept by
// JudgeResource.
func (p *Pack) JudgeStack(resources []rule.Resource) []Report {
	s := p.stack(resources)
	var entries []entry
	for _, by := range p.rules {
		if by.Stack != nil && p.enforces(by) {
			entries = p.add(entries, by, by.JudgeStack(s))
		}
	}
	return p.ledger.keep("", append(p.tell(entries), p.unused()...))
}

// PassedOver returns the names of the policies that do not apply to a resource type.
func (p *Pack) PassedOver(resourceType string) []string {
	resourceType = aws.Canonical(resourceType)
	var names []string
	for _, r := range p.rules {
		if r.Resource != nil && !r.AppliesTo(resourceType) {
			names = append(names, r.ID)
		}
	}
	return names
}

func (p *Pack) enforces(r rule.Rule) bool { return p.levels[r.ID] != rule.Off }

func (p *Pack) add(entries []entry, r rule.Rule, findings []rule.Finding) []entry {
	for _, f := range findings {
		entries = append(entries, entry{r, p.except(r, f)})
	}
	return entries
}

func (p *Pack) stack(resources []rule.Resource) rule.Stack {
	s := rule.Stack{Settings: p.settings}
	for _, r := range resources {
		inputs, ok := p.ledger.inputs(r.URN)
		if !ok {
			inputs = withoutComputed(r)
		}
		r.Type, r.Inputs, r.Settings = aws.Canonical(r.Type), inputs, p.settings
		s.Resources = append(s.Resources, r)
	}
	return s
}

// withoutComputed replaces the inputs of a resource that was not checked individually, as with --target: it
// drops unknown outputs that come from no other resource, because the program did not set them.
func withoutComputed(r rule.Resource) property.Map {
	declared := r.Outputs
	for key, v := range r.Outputs.All {
		if v.IsComputed() && len(r.PropertyDependencies[key]) == 0 {
			declared = declared.Delete(key)
		}
	}
	return declared
}
