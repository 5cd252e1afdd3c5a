package cost

import (
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/policy/aws"
	"store-events/policy/rule"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

var root = R(aws.Stack, "stack", Props{})

func db(class string, multiAZ any) Res {
	return R(aws.DBInstance, "db", Props{"engine": "mysql", "instanceClass": class, "allocatedStorage": 20, "storageType": "gp3", "multiAz": multiAZ})
}

func TestRules(t *testing.T) {
	hourly := func(schedule string) []Res {
		return []Res{
			root, R(aws.GlueJob, "job", Props{"name": "load", "numberOfWorkers": 10, "workerType": "G.8X"}),
			R(aws.GlueTrigger, "start", Props{"type": "SCHEDULED", "schedule": schedule, "enabled": true, "actions": List{Props{"jobName": "load"}}}),
		}
	}
	Run(t, Rules(), []Case{{
		Rule: "cost-within-budget", Property: "multiAz", On: "db", Missing: Passes,
		Compliant: []Res{root, db("db.t4g.medium", false)}, Violating: []Res{root, db("db.r6g.xlarge", true)},
		AlsoViolates: map[string][]Res{"a large job every hour": hourly("cron(0 * * * ? *)")},
		AlsoPasses:   map[string][]Res{"the same on Sundays": hourly("cron(0 3 ? * SUN *)")},
	}})
}

func TestFindingListsTheLargestItems(t *testing.T) {
	s := Build(t, []Res{root, db("db.r6g.xlarge", true), R(aws.Key, "key", Props{})}, rule.DefaultSettings(rule.Prod))
	findings := withinBudget.CheckStack(s)
	require.Len(t, findings, 1)
	require.Equal(t, "the idle stack costs about 633 USD a month at us-east-1 list prices of 2026-06-30; the budget is 600 USD; the largest items: db 627.80, db 4.60, key 1.00", findings[0].Message)
	s.Settings = rule.DefaultSettings(rule.Local)
	require.Empty(t, withinBudget.CheckStack(s), "nothing is billed on a local stack")
	s.Resources = append(s.Resources, Build(t, []Res{R(aws.Budget, "budget", Props{"limitAmount": "50", "timeUnit": "MONTHLY"})}, s.Settings).Resources...)
	require.Empty(t, withinBudget.CheckStack(s), "with any budget")
}

func TestCostsWithinTheBudget(t *testing.T) {
	s := Build(t, []Res{root, R(aws.Key, "key", Props{}), R("aws:dynamodb/table:Table", "table", Props{})}, rule.DefaultSettings(rule.Prod))
	s.Settings.MonthlyUSD = 1
	findings := withinBudget.CheckStack(s)
	require.Len(t, findings, 1, "a key costs 1 USD, which is within 1 USD")
	require.Equal(t, rule.Undecided, findings[0].Kind, "a table might cost more")
	s.Settings.MonthlyUSD = 0.99
	require.Equal(t, rule.Violation, withinBudget.CheckStack(s)[0].Kind)
}

func TestFindingListsFiveItems(t *testing.T) {
	example := []Res{root}
	for _, name := range []string{"a", "b", "c", "d", "e", "f"} {
		example = append(example, R(aws.Key, name, Props{}))
	}
	s := Build(t, example, rule.DefaultSettings(rule.Prod))
	s.Settings.MonthlyUSD = 5
	require.Regexp(t, `largest items: a 1.00, b 1.00, c 1.00, d 1.00, e 1.00$`, withinBudget.CheckStack(s)[0].Message)
}

func TestBudgetOfTheStackIsTheLimit(t *testing.T) {
	budget := func(amount, unit string) Res {
		return R(aws.Budget, "budget"+amount+unit, Props{"limitAmount": amount, "timeUnit": unit})
	}
	for name, tc := range map[string]struct {
		budgets    []Res
		configured float64
		want       float64
	}{
		"no budget":             {nil, 600, 600},
		"a lower one":           {[]Res{budget("50", "MONTHLY")}, 600, 50},
		"a higher one":          {[]Res{budget("700.0", "MONTHLY")}, 600, 700},
		"two":                   {[]Res{budget("50", "MONTHLY"), budget("80", "MONTHLY")}, 600, 80},
		"one of a year":         {[]Res{budget("50", "ANNUALLY")}, 600, 600},
		"no number":             {[]Res{budget("much", "MONTHLY")}, 600, 600},
		"the configuration has": {[]Res{budget("50", "MONTHLY")}, 300, 300},
		"no limit":              {[]Res{budget("50", "MONTHLY")}, 0, 0},
		"less than a dollar":    {[]Res{budget("0.5", "MONTHLY")}, 600, 0.5},
	} {
		s := Build(t, append([]Res{root}, tc.budgets...), rule.DefaultSettings(rule.Prod))
		s.Settings.MonthlyUSD = tc.configured
		require.InDelta(t, tc.want, limitOf(s), 0, name)
	}
}

// A stopped database costs only its storage. AWS starts it again unless something stops
// it.
func TestStoppedDatabaseCostsItsStorage(t *testing.T) {
	running := db("db.t4g.micro", false)
	running.Props["identifier"] = "stopped"
	stopped := append(Stops("stopped"), running)
	for want, example := range map[int][]Res{1: stopped, 2: {running}} {
		estimate := Of(Build(t, example, rule.DefaultSettings(rule.Prod)))
		require.Empty(t, estimate.Undecided)
		require.Len(t, estimate.Items, want)
	}
}

func TestEveryCheckedTypeIsPricedOrFree(t *testing.T) {
	for name, class := range aws.Classes {
		if class != aws.Checked {
			continue
		}
		checked := aws.Canonical(name)
		_, isPriced := priced[checked]
		rejected := checked == aws.GlueDevEndpoint || checked == aws.GlueMLTransform // Other rules forbid these types.
		require.True(t, isPriced || free[checked] != "" || rejected, checked)
		require.False(t, isPriced && free[checked] != "", checked)
	}
}
