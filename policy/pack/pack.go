// Package pack turns the rules into a policy pack that the Pulumi engine runs.
package pack

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"store-events/policy/rule"
	"store-events/policy/rules"
)

// Name is what the engine calls the pack, and Version is that of its rules.
const (
	Name    = "store-events"
	Version = "0.1.0"
)

// New builds the pack for the stack that the engine is about to judge.
func New(ctx *pulumi.Context) (policyx.PolicyPack, error) {
	env, err := environment(ctx)
	if err != nil {
		return nil, err
	}
	p := &pack{rules: rules.All(), settings: rule.DefaultSettings(env), ledger: newLedger(), now: time.Now}
	if err := config.New(ctx, namespace).GetObject("exceptions", &p.exceptions); err != nil {
		return nil, fmt.Errorf("policy:exceptions: %w", err)
	}
	var problems []error
	for _, e := range p.exceptions {
		problems = append(problems, e.check(p.rules))
	}
	if err := errors.Join(problems...); err != nil {
		return nil, err
	}
	// The pack's own level is ignored by the SDK: each policy carries its own.
	return policyx.NewPolicyPack(Name, semver.MustParse(Version), policyx.EnforcementLevelMandatory, p.policies())
}

// pack judges one run of the engine.
type pack struct {
	rules      []rule.Rule
	settings   rule.Settings
	exceptions []*exception
	ledger     *ledger
	now        func() time.Time
}

func (p *pack) policies() []policyx.Policy {
	list := []policyx.Policy{p.recorder()}
	for _, r := range p.rules {
		list = append(list, p.policy(r))
	}
	return append(list, p.companions()...)
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
			p.reportViolation(to, r, urn, f)
			continue
		}
		p.ledger.add(urn, entry{rule: r, finding: f})
	}
}

func (p *pack) reportViolation(to policyx.PolicyManager, r rule.Rule, urn string, f rule.Finding) {
	e := p.excepted(r, f)
	switch {
	case e == nil:
	case e.expired(p.now()):
		f.Message += "; the exception for it ended on " + e.Expires
	default:
		f.Kind = rule.Note
		f.Message += "; excepted until " + e.Expires + ": " + e.Reason
		p.ledger.add(urn, entry{rule: r, finding: f})
		return
	}
	to.ReportViolation(message(r, f), f.URN)
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
