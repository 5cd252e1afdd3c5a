package pack

import (
	"context"
	"fmt"

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
			if c.kind == rule.Note {
				p.reportUnused(args.Manager)
			}
			return nil
		},
	})
}

func (p *pack) flush(to policyx.PolicyManager, urn string, kind rule.Kind) {
	for _, group := range grouped(p.ledger.take(urn, kind)) {
		to.ReportViolation(group.text(), group[0].finding.URN)
	}
}

// reportUnused tells of exceptions that nothing needed: by then every resource has been judged.
func (p *pack) reportUnused(to policyx.PolicyManager) {
	for _, e := range p.exceptions {
		if !e.used.Load() {
			to.ReportViolation(fmt.Sprintf("the exception of rule %s for %s is not used: remove it from policy:exceptions", e.Rule, e.Resource), "")
		}
	}
}

// group are entries that say the same of the same property.
type group []entry

// grouped keeps one unknown policy document from being told once by each rule that reads it.
func grouped(entries []entry) []group {
	var groups []group
	at := map[rule.Finding]int{}
	for _, e := range entries {
		i, ok := at[e.finding]
		if !ok || e.finding.Kind != rule.Undecided {
			i = len(groups)
			at[e.finding] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], e)
	}
	return groups
}

func (g group) text() string {
	first := g[0]
	if first.finding.Kind != rule.Undecided {
		return message(first.rule, first.finding)
	}
	names := make([]string, len(g))
	for i, e := range g {
		names[i] = e.rule.ID
	}
	return undecided(first.rule.Severity, first.finding, names)
}
