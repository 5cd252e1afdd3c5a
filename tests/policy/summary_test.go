package policy_test

import (
	"regexp"
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

// password declares a password that complies with every rule.
func password(ctx *pulumi.Context) error {
	p := &registry{ctx: ctx}
	p.add("random:index/randomPassword:RandomPassword", "password", pulumi.Map{"length": pulumi.Int(32), "overrideSpecial": pulumi.String("!#")})
	return p.err
}

func TestCleanRunPrintsOnlyASummary(t *testing.T) {
	t.Parallel()
	for _, o := range []outcome{preview(t, "local", password), update(t, "local", password)} {
		require.NoError(t, o.Err, o.Log)
		require.Empty(t, o.Reports)
		require.Contains(t, o.Log, "✅ store-events@v")
		require.Regexp(t, `\n    store-events policies, local \(\d+ mandatory and \d+ advisory rules, \d+ resources\): no violation\n`, o.Log)
	}
}

func TestViolationsAreOrderedAndSummed(t *testing.T) {
	t.Parallel()
	o := preview(t, "dev", pipeline(func(in inputs) {
		in["database"]["storageEncrypted"] = pulumi.Bool(false)
		in["database"]["publiclyAccessible"] = pulumi.Bool(true)
	}))
	require.Regexp(t, `store-events policies, dev \(.*\): \d+ mandatory \(1 critical, \d+ high, .*\), \d+ advisory \(.*\), \d+ not decided yet, 1 noted\n`, o.Log)
	rank := map[string]int{"mandatory": 0, "advisory": 10, "critical": 0, "high": 1, "medium": 2, "low": 3}
	var order []int
	for _, listed := range regexp.MustCompile(`- \[(\w+)\] \[severity: (\w+)\]`).FindAllStringSubmatch(o.Log, -1) {
		order = append(order, rank[listed[1]]+rank[listed[2]])
	}
	require.Len(t, order, len(o.Reports))
	require.True(t, slices.IsSorted(order), "most severe first: %v", order)
}
