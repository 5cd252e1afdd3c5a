package pack

import (
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"

	"store-events/policy/aws"
	"store-events/policy/rule"
	"store-events/policy/rules"
	"store-events/policy/value"
)

const urn = "urn:pulumi:dev::store::store:index:Data$aws:rds/instance:Instance::db"

// messages holds the reports by policy, without the title at the start of each message.
type messages map[string][]string

// checkDB calls the pack like the engine: first with the resource, then with the stack.
func checkDB(t *testing.T, p *Pack, inputs map[string]property.Value) messages {
	t.Helper()
	r := rule.Resource{Type: aws.DBInstance, URN: urn, Name: "db", Inputs: property.NewMap(inputs)}
	reports := p.CheckResource(r)
	r.Inputs, r.Outputs = property.Map{}, r.Inputs
	all := messages{}
	for _, report := range append(reports, p.CheckStack([]rule.Resource{r})...) {
		require.NotEqual(t, rule.Off, report.Level)
		text, ok := strings.CutPrefix(report.Message, report.Title+"\n")
		require.True(t, ok, report.Message)
		all[report.Policy] = append(all[report.Policy], text)
	}
	return all
}

func packOf(env rule.Environment, list ...rule.Rule) *Pack { return newPack(env, list) }

// example requires the property "on" to be true.
var example = rule.Rule{
	ID: "example", Title: "Example", Why: "because", Fix: "turn it on", Sources: "project; FSBP RDS.3", Severity: rule.High, Levels: rule.StrictInProd,
	Types: []string{aws.DBInstance},
	Resource: func(r rule.Resource) []rule.Finding {
		return rule.Require(r.Get("on"), func(v value.Value) (bool, error) { return v.Bool() }, "it is off")
	},
}

func TestViolationHasAllDetails(t *testing.T) {
	reports := checkDB(t, packOf(rule.Dev, example), nil)
	require.Equal(t, messages{"example": {"[high] example: it is off\n  resource: aws:rds/instance:Instance db\n  property: on\n  why: because\n" +
		"  fix: turn it on\n  source: project; FSBP RDS.3\n  see: https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html#rds-3"}}, reports)
	require.Empty(t, checkDB(t, packOf(rule.Dev, example), map[string]property.Value{"on": property.New(true)}))
}

func TestUnknownIsReportedOnceAsAdvisory(t *testing.T) {
	second := example
	second.ID = "second"
	p := packOf(rule.Prod, example, second)
	reports := checkDB(t, p, map[string]property.Value{"on": property.New(property.Computed)})
	require.Equal(t, messages{"not-decided-at-preview": {"[high] not decided at preview, the update decides: on: not known yet (example, second)"}}, reports)
}

func TestUndecidedWithoutAProperty(t *testing.T) {
	whole := example
	whole.Resource = func(rule.Resource) []rule.Finding {
		return []rule.Finding{{Kind: rule.Undecided, Message: "its price is not known"}}
	}
	reports := checkDB(t, packOf(rule.Prod, whole), nil)
	require.Equal(t, messages{"not-decided-at-preview": {"[high] not decided at preview, the update decides: its price is not known (example)"}}, reports)
}

func TestBrokenRuleIsMandatory(t *testing.T) {
	broken := example
	broken.Levels = rule.Advice
	broken.Resource = func(rule.Resource) []rule.Finding { panic("oh") }
	p := packOf(rule.Dev, broken)
	require.Equal(t, messages{"rule-failed": {"[high] example: the rule failed and checked nothing: the rule panicked: oh"}}, checkDB(t, p, nil))
	shape := checkDB(t, packOf(rule.Dev, example), map[string]property.Value{"on": property.New(3.0)})
	require.Equal(t, messages{"rule-failed": {"[high] example: the rule failed and checked nothing: on is a number, expected a boolean"}}, shape)
	require.Equal(t, rule.Mandatory, p.CheckResource(rule.Resource{Type: aws.DBInstance, URN: urn})[0].Level)
}

func TestBrokenStackRuleIsReported(t *testing.T) {
	broken := example
	broken.Resource, broken.Stack = nil, func(rule.Stack) []rule.Finding { panic("oh") }
	reports := checkDB(t, packOf(rule.Dev, broken), nil)
	require.Equal(t, messages{"rule-failed": {"[high] example: the rule failed and checked nothing: the rule panicked: oh"}}, reports)
}

// Without the inputs, a property that only the provider computes would be unknown to stack rules.
func TestStackRulesReadInputs(t *testing.T) {
	p := packOf(rule.Dev)
	r := rule.Resource{
		Type: aws.DBInstance, URN: urn, PropertyDependencies: map[string][]string{"kmsKeyId": {"urn:key"}},
		Outputs: property.NewMap(map[string]property.Value{"port": property.New(property.Computed), "kmsKeyId": property.New(property.Computed)}),
	}
	fallback := p.stack([]rule.Resource{r}).Resources[0]
	require.Equal(t, value.Missing, fallback.Get("port").State())
	require.Equal(t, value.Unknown, fallback.Get("kmsKeyId").State())

	p.store.record(urn, property.NewMap(map[string]property.Value{"port": property.New(3306.0)}))
	recorded := p.stack([]rule.Resource{r}).Resources[0]
	require.Equal(t, value.Known, recorded.Get("port").State())
}

func TestMostSevereComesFirst(t *testing.T) {
	at := func(id string, severity rule.Severity, levels rule.Levels) rule.Rule {
		r := example
		r.ID, r.Severity, r.Levels = id, severity, levels
		return r
	}
	p := packOf(rule.Prod, at("advised", rule.Critical, rule.Advice), at("low", rule.Low, rule.Always), at("off", rule.Critical, rule.DevAdvice), at("high", rule.High, rule.Always))
	var order []string
	for _, report := range p.CheckResource(rule.Resource{Type: aws.DBInstance, URN: urn}) {
		order = append(order, report.Policy)
	}
	require.Equal(t, []string{"high", "low", "advised"}, order)
}

func TestRulesThatDoNotApplyAreReported(t *testing.T) {
	p := packOf(rule.Prod, example)
	require.Empty(t, p.NotApplicable(aws.DBInstance))
	require.Equal(t, []string{"example"}, p.NotApplicable(aws.Bucket))
	require.Empty(t, p.NotApplicable("aws-native:rds:DbInstance"), "the rule runs on it under another name")
}

func TestEveryPolicyHasItsLevel(t *testing.T) {
	for _, env := range []rule.Environment{rule.Prod, rule.Dev, rule.Local} {
		p := packOf(env, rules.All()...)
		byName := map[string]Policy{}
		for _, policy := range p.Policies() {
			require.NotContains(t, byName, policy.Name, "a name twice")
			require.True(t, policy.Resource || policy.Stack, policy.Name)
			byName[policy.Name] = policy
		}
		for _, r := range p.rules {
			require.Equal(t, r.Levels.In(env), byName[r.ID].Level, "%s in %s", r.ID, env)
		}
		require.Len(t, byName, len(p.rules)+3)
	}
}

func TestRulesAreComplete(t *testing.T) {
	all := rules.All()
	require.True(t, slices.IsSortedFunc(all, func(a, b rule.Rule) int { return int(a.Severity - b.Severity) }), "the most severe comes first")
	for _, r := range all {
		require.Regexp(t, `^[a-z0-9]+(-[a-z0-9]+)+$`, r.ID)
		for what, text := range map[string]string{"title": r.Title, "why": r.Why, "fix": r.Fix, "sources": r.Sources} {
			require.NotEmpty(t, text, "%s of %s", what, r.ID)
		}
		require.True(t, r.Resource != nil || r.Stack != nil, "%s checks a resource or the stack", r.ID)
		require.NotEqual(t, rule.Levels{}, r.Levels, "%s is off everywhere", r.ID)
		for _, resourceType := range r.Types {
			require.True(t, aws.ClassOf(resourceType) == aws.Checked || resourceType == aws.Stack || resourceType == aws.RandomPassword, resourceType)
		}
	}
}
