package pack

import (
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"

	"store-events/policy/rule"
)

func TestSummaryOfACleanRun(t *testing.T) {
	p := packOf(rule.Prod, example)
	checkDB(t, p, map[string]property.Value{"on": property.New(true)})
	require.Equal(t, "store-events policies, prod (1 mandatory and 0 advisory rules, 1 resources): no violation", p.Summary())
}

func TestSummaryCounts(t *testing.T) {
	advice, noted, failing := example, example, example
	advice.ID, advice.Levels, advice.Severity = "advice", rule.Advice, rule.Low
	noted.ID = "noted"
	failing.ID, failing.Resource = "failing", func(rule.Resource) []rule.Finding { panic("oh") }
	p := packOf(rule.Prod, example, advice, noted, failing)
	e := &exception{Rule: "noted", Resource: "db", Reason: "r", Owner: "o", Expires: "2027-01-31"}
	p.now = func() time.Time { return newYear }
	require.NoError(t, e.check(p.rules, newYear))
	p.exceptions = []*exception{e}
	checkDB(t, p, nil)
	checkDB(t, p, nil) // The engine may call it twice.
	require.Equal(t, "store-events policies, prod (3 mandatory and 1 advisory rules, 1 resources): "+
		"1 mandatory (1 high), 1 advisory (1 low), 1 failed, 1 noted, exceptions in use: 1", p.Summary())

	checkDB(t, p, map[string]property.Value{"on": property.New(property.Computed)})
	require.Contains(t, p.Summary(), ": 1 failed, 1 not decided yet")
}
