// Package pack turns the rules into a policy pack that the Pulumi engine runs.
package pack

import (
	"context"
	"fmt"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"store-events/policy/rule"
	"store-events/policy/rules"
)

// Name is what the engine calls the pack.
const Name = "store-events"

// New builds the pack for the stack that the engine is about to judge.
func New(ctx *pulumi.Context) (policyx.PolicyPack, error) {
	env, err := environment(ctx)
	if err != nil {
		return nil, err
	}
	// The pack's own level is ignored by the SDK: each policy carries its own.
	return policyx.NewPolicyPack(Name, semver.MustParse("0.1.0"), policyx.EnforcementLevelMandatory,
		policies(rules.All(), rule.DefaultSettings(env)))
}

func policies(all []rule.Rule, settings rule.Settings) []policyx.Policy {
	p := &pack{settings: settings, ledger: newLedger()}
	list := []policyx.Policy{p.recorder()}
	for _, r := range all {
		list = append(list, p.policy(r))
	}
	return append(list, p.companions()...)
}

// pack judges one run of the engine.
type pack struct {
	settings rule.Settings
	ledger   *ledger
}

func (p *pack) policy(r rule.Rule) policyx.Policy {
	level := enforcement(r.Levels.In(p.settings.Environment))
	if r.Stack != nil {
		return policyx.NewStackValidationPolicy(r.ID, policyx.StackValidationPolicyArgs{
			Description: r.Title, EnforcementLevel: level,
			ValidateStack: func(_ context.Context, args policyx.StackValidationArgs) error {
				p.report(args.Manager, r, "", r.JudgeStack(p.stack(args.Resources)))
				return nil
			},
		})
	}
	return policyx.NewResourceValidationPolicy(r.ID, policyx.ResourceValidationPolicyArgs{
		Description: r.Title, EnforcementLevel: level,
		ValidateResource: func(_ context.Context, args policyx.ResourceValidationArgs) error {
			if r.AppliesTo(args.Resource.Type) {
				p.report(args.Manager, r, args.Resource.URN, r.JudgeResource(p.declared(args.Resource)))
			}
			return nil
		},
	})
}

// report tells violations under the rule's own name and level, and leaves the rest to the companion policies:
// a policy of the SDK has one level only, and "not decided" must not fail a preview nor "failed" pass one.
func (p *pack) report(to policyx.PolicyManager, r rule.Rule, urn string, findings []rule.Finding) {
	for _, f := range findings {
		if f.URN == "" {
			f.URN = urn
		}
		if f.Kind == rule.Violation {
			to.ReportViolation(message(r, f), f.URN)
			continue
		}
		p.ledger.add(urn, entry{rule: r, finding: f})
	}
}

func enforcement(level rule.Level) policyx.EnforcementLevel {
	switch level {
	case rule.Mandatory:
		return policyx.EnforcementLevelMandatory
	case rule.Advisory:
		return policyx.EnforcementLevelAdvisory
	case rule.Off:
		return policyx.EnforcementLevelDisabled
	default:
		panic(fmt.Sprintf("unknown level %d", level))
	}
}
