package pack

import (
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"

	"store-events/policy/aws"
	"store-events/policy/rule"
)

var off = rule.Resource{Type: aws.DBInstance, URN: urn, Name: "db", Inputs: property.NewMap(map[string]property.Value{"on": property.New(false)})}

// remedial returns the example with a remediation.
func remedial() rule.Rule {
	r := example
	r.Remediate = func(rule.Resource) map[string]property.Value {
		return map[string]property.Value{"on": property.New(true)}
	}
	return r
}

func remediating(t *testing.T, list ...rule.Rule) *Pack {
	t.Helper()
	p := packOf(rule.Prod, list...)
	for _, r := range list {
		require.NoError(t, p.Configure(map[string]Configuration{r.ID: {Level: rule.Remediate}}))
	}
	return p
}

func TestRemediationMakesAResourceComply(t *testing.T) {
	second := remedial()
	second.ID = "second"
	p := remediating(t, remedial(), second)
	made := p.Remediate(off)
	require.Len(t, made, 1, "the second rule has nothing left to fix")
	require.Equal(t, "example", made[0].Policy)
	require.Empty(t, p.CheckResource(rule.Resource{Type: off.Type, URN: urn, Inputs: property.NewMap(made[0].Properties)}))
	require.Contains(t, p.Summary(), "no violation, 1 remediated")
}

func TestRemediationIsOffByDefault(t *testing.T) {
	p := packOf(rule.Prod, remedial())
	require.False(t, p.Remediates())
	require.Empty(t, p.Remediate(off))
	require.Equal(t, []string{"example"}, p.NotRemediating())
}

func TestNotRemediated(t *testing.T) {
	p := remediating(t, remedial())
	for name, r := range map[string]rule.Resource{
		"another type":       {Type: aws.Bucket, URN: urn},
		"compliant resource": {Type: off.Type, URN: urn, Inputs: property.NewMap(map[string]property.Value{"on": property.New(true)})},
		"unknown value":      {Type: off.Type, URN: urn, Inputs: property.NewMap(map[string]property.Value{"on": property.New(property.Computed)})},
	} {
		require.Empty(t, p.Remediate(r), name)
	}
	e := &exception{Rule: "example", Resource: "db", Reason: "r", Owner: "o", Expires: time.Now().Format(time.DateOnly)}
	require.NoError(t, e.check(p.rules, newYear))
	p.exceptions = []*exception{e}
	require.Empty(t, p.Remediate(off), "excepted resource")
}

func TestBrokenRemediationIsReportedAndTheRuleApplies(t *testing.T) {
	broken := remedial()
	broken.Remediate = func(rule.Resource) map[string]property.Value { panic("oh") }
	p := remediating(t, broken)
	made := p.Remediate(off)
	require.Len(t, made, 1)
	require.Equal(t, "example: the remediation panicked: oh", made[0].Failure)
	require.Empty(t, made[0].Properties)
	require.Equal(t, rule.Remediate, p.CheckResource(off)[0].Level, "the remaining violation is mandatory for the engine")
}
