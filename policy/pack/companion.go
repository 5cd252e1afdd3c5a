package pack

import (
	"context"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"store-events/policy/rule"
)

// companion is a policy that tells what rules could not say under their own name and level.
type companion struct {
	name, title string
	kind        rule.Kind
	level       policyx.EnforcementLevel
}

func (p *pack) companions() []policyx.Policy {
	var list []policyx.Policy
	for _, c := range []companion{
		{"rule-failed", "Every rule can judge what it meets", rule.Failed, policyx.EnforcementLevelMandatory},
		{"not-decided-at-preview", "A rule could not decide yet", rule.Undecided, policyx.EnforcementLevelAdvisory},
		{"note", "Worth knowing", rule.Note, policyx.EnforcementLevelAdvisory},
	} {
		list = append(list, p.resourceCompanion(c), p.stackCompanion(c))
	}
	return list
}

func (p *pack) resourceCompanion(c companion) policyx.Policy {
	return policyx.NewResourceValidationPolicy(c.name, policyx.ResourceValidationPolicyArgs{
		Description: c.title, EnforcementLevel: c.level,
		ValidateResource: func(_ context.Context, args policyx.ResourceValidationArgs) error {
			p.flush(args.Manager, args.Resource.URN, c.kind)
			return nil
		},
	})
}

func (p *pack) stackCompanion(c companion) policyx.Policy {
	return policyx.NewStackValidationPolicy(c.name+"-in-stack", policyx.StackValidationPolicyArgs{
		Description: c.title, EnforcementLevel: c.level,
		ValidateStack: func(_ context.Context, args policyx.StackValidationArgs) error {
			p.flush(args.Manager, "", c.kind)
			return nil
		},
	})
}

func (p *pack) flush(to policyx.PolicyManager, urn string, kind rule.Kind) {
	for _, e := range p.ledger.take(urn, kind) {
		to.ReportViolation(message(e.rule, e.finding), e.finding.URN)
	}
}
