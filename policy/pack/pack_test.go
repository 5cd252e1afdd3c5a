package pack

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"
	"github.com/stretchr/testify/require"

	"store-events/policy/aws"
	"store-events/policy/rule"
	"store-events/policy/rules"
	"store-events/policy/value"
)

const urn = "urn:pulumi:dev::store::store:index:Data$aws:rds/instance:Instance::db"

// told is what a policy reported, by policy.
type told map[string][]string

func (t told) manager(policy string) policyx.PolicyManager { return manager{t, policy} }

type manager struct {
	to     told
	policy string
}

func (m manager) ReportViolation(message, _ string) { m.to[m.policy] = append(m.to[m.policy], message) }

// judge runs all policies as the engine does: the resource by itself, then the stack.
func judge(t *testing.T, p *pack, inputs map[string]property.Value) told {
	t.Helper()
	reports := told{}
	r := policyx.AnalyzerResource{Type: aws.DBInstance, URN: urn, Name: "db", Properties: property.NewMap(inputs)}
	for _, policy := range p.policies() {
		if policy.EnforcementLevel() == policyx.EnforcementLevelDisabled {
			continue
		}
		if v, ok := policy.(policyx.ResourceValidationPolicy); ok {
			require.NoError(t, v.Validate(context.Background(), policyx.ResourceValidationArgs{Manager: reports.manager(policy.Name()), Resource: r}))
		}
	}
	for _, policy := range p.policies() {
		if v, ok := policy.(policyx.StackValidationPolicy); ok && policy.EnforcementLevel() != policyx.EnforcementLevelDisabled {
			require.NoError(t, v.Validate(context.Background(), policyx.StackValidationArgs{Manager: reports.manager(policy.Name()), Resources: []policyx.AnalyzerResource{r}}))
		}
	}
	return reports
}

func newPack(env rule.Environment, list ...rule.Rule) *pack {
	return &pack{rules: list, settings: rule.DefaultSettings(env), ledger: newLedger(), now: time.Now}
}

// example wants the property "on" to be true.
var example = rule.Rule{
	ID: "example", Title: "Example", Why: "because", Fix: "turn it on", Sources: "project; FSBP RDS.3", Severity: rule.High, Levels: rule.StrictInProd,
	Types: []string{aws.DBInstance},
	Resource: func(r rule.Resource) []rule.Finding {
		return rule.Require(r.Get("on"), func(v value.Value) (bool, error) { return v.Bool() }, "it is off")
	},
}

func TestViolationTellsEverything(t *testing.T) {
	reports := judge(t, newPack(rule.Dev, example), nil)
	require.Equal(t, told{"example": {"[high] example: it is off\n  resource: aws:rds/instance:Instance db\n  property: on\n  why: because\n" +
		"  fix: turn it on\n  source: project; FSBP RDS.3\n  see: https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html#rds-3"}}, reports)
	require.Empty(t, judge(t, newPack(rule.Dev, example), map[string]property.Value{"on": property.New(true)}))
}

func TestUnknownIsToldOnceAndAdvisory(t *testing.T) {
	second := example
	second.ID = "second"
	p := newPack(rule.Prod, example, second)
	reports := judge(t, p, map[string]property.Value{"on": property.New(property.Computed)})
	require.Equal(t, told{"not-decided-at-preview": {"[high] not decided at preview, the update decides: on: not known yet (example, second)"}}, reports)
}

func TestBrokenRuleIsMandatory(t *testing.T) {
	broken := example
	broken.Levels = rule.Advice
	broken.Resource = func(rule.Resource) []rule.Finding { panic("oh") }
	p := newPack(rule.Dev, broken)
	require.Equal(t, told{"rule-failed": {"[high] example: the rule failed and judged nothing: the rule panicked: oh"}}, judge(t, p, nil))
	shape := judge(t, newPack(rule.Dev, example), map[string]property.Value{"on": property.New(3.0)})
	require.Equal(t, told{"rule-failed": {"[high] example: the rule failed and judged nothing: on is a number, expected a boolean"}}, shape)
	for _, policy := range p.policies() {
		if policy.Name() == "rule-failed" || policy.Name() == "rule-failed-in-stack" {
			require.Equal(t, policyx.EnforcementLevelMandatory, policy.EnforcementLevel())
		}
	}
}

func TestBrokenStackRuleIsTold(t *testing.T) {
	broken := example
	broken.Resource, broken.Stack = nil, func(rule.Stack) []rule.Finding { panic("oh") }
	reports := judge(t, newPack(rule.Dev, broken), nil)
	require.Equal(t, told{"rule-failed-in-stack": {"[high] example: the rule failed and judged nothing: the rule panicked: oh"}}, reports)
}

// Without the inputs, a property that only the provider computes would look unknown to stack rules.
func TestStackRulesSeeWhatIsDeclared(t *testing.T) {
	p := newPack(rule.Dev)
	r := policyx.AnalyzerResource{Type: aws.DBInstance, URN: urn, PropertyDependencies: map[string][]string{"kmsKeyId": {"urn:key"}},
		Properties: property.NewMap(map[string]property.Value{"port": property.New(property.Computed), "kmsKeyId": property.New(property.Computed)})}
	fallback := p.stack([]policyx.AnalyzerResource{r}).Resources[0]
	require.Equal(t, value.Missing, fallback.Get("port").State())
	require.Equal(t, value.Unknown, fallback.Get("kmsKeyId").State())

	p.ledger.record(urn, property.NewMap(map[string]property.Value{"port": property.New(3306.0)}))
	recorded := p.stack([]policyx.AnalyzerResource{r}).Resources[0]
	require.Equal(t, value.Known, recorded.Get("port").State())
}

// A policy whose level is not set would be advisory: the SDK does not pass the pack's level on.
func TestEveryPolicyHasItsLevel(t *testing.T) {
	for _, env := range []rule.Environment{rule.Prod, rule.Dev, rule.Local} {
		p := newPack(env, rules.All()...)
		byName := map[string]policyx.Policy{}
		for _, policy := range p.policies() {
			require.NotContains(t, byName, policy.Name(), "a name twice")
			byName[policy.Name()] = policy
		}
		for _, r := range p.rules {
			require.Equal(t, enforcement(r.Levels.In(env)), byName[r.ID].EnforcementLevel(), "%s in %s", r.ID, env)
		}
		require.Len(t, byName, len(p.rules)+7)
	}
}

func TestRulesAreComplete(t *testing.T) {
	all := rules.All()
	require.True(t, slices.IsSortedFunc(all, func(a, b rule.Rule) int { return int(a.Severity - b.Severity) }), "the worst comes first")
	for _, r := range all {
		require.Regexp(t, `^[a-z0-9]+(-[a-z0-9]+)+$`, r.ID)
		for what, text := range map[string]string{"title": r.Title, "why": r.Why, "fix": r.Fix, "sources": r.Sources} {
			require.NotEmpty(t, text, "%s of %s", what, r.ID)
		}
		require.True(t, (r.Resource == nil) != (r.Stack == nil), "%s judges a resource or the stack", r.ID)
		require.NotEqual(t, rule.Levels{}, r.Levels, "%s is off everywhere", r.ID)
		for _, resourceType := range r.Types {
			require.True(t, slices.Contains(aws.Known, resourceType) || resourceType == aws.Stack || resourceType == aws.RandomPassword, resourceType)
		}
	}
}
