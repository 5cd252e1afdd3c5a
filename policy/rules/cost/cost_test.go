package cost

import (
	"math"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"

	"store-events/policy/aws"
	"store-events/policy/rule"
	. "store-events/policy/ruletest" //nolint:revive // The examples read as a small language.
	"store-events/policy/value"
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

func TestFindingNamesTheLargestItems(t *testing.T) {
	s := Build(t, []Res{root, db("db.r6g.xlarge", true), R(aws.Key, "key", Props{})}, rule.DefaultSettings(rule.Prod))
	findings := withinBudget.JudgeStack(s)
	require.Len(t, findings, 1)
	require.Equal(t, "about 633 USD a month idle at list prices of us-east-1 of 2026-06-30, of 600 USD; the largest items: db 627.80, db 4.60, key 1.00", findings[0].Message)
	s.Settings = rule.DefaultSettings(rule.Local)
	require.Empty(t, withinBudget.JudgeStack(s), "nothing is billed on one's own machine")
}

func TestTheBudgetOfTheStackIsTheLimit(t *testing.T) {
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
		"no limit is wanted":    {[]Res{budget("50", "MONTHLY")}, 0, 0},
	} {
		s := Build(t, append([]Res{root}, tc.budgets...), rule.DefaultSettings(rule.Prod))
		s.Settings.MonthlyUSD = tc.configured
		require.InDelta(t, tc.want, limitOf(s), 0, name)
	}
}

func TestAnAlarmIsBilledByItsMetrics(t *testing.T) {
	query := func(id string) Props { return Props{"id": id, "metric": Props{"metricName": id}} }
	for metrics, queries := range map[float64]List{1: {}, 2: {Props{"id": "value", "expression": "a / b"}, query("a"), query("b")}} {
		estimate := Of(Build(t, []Res{R(aws.MetricAlarm, "alarm", Props{"metricQueries": queries})}, rule.DefaultSettings(rule.Prod)))
		require.Len(t, estimate.Items, 1)
		require.InDelta(t, metrics*0.10, estimate.Items[0].USD, 1e-9)
	}
}

// A stopped database costs its storage only, and AWS starts it again unless something
// stops it.
func TestADatabaseThatIsKeptStoppedCostsItsStorage(t *testing.T) {
	target := func(arn string) Res { return R(aws.EventTarget, "target", Props{"arn": arn}) }
	for arn, want := range map[string]int{
		"arn:aws:ssm:us-east-1::automation-definition/AWS-StopRdsInstance:$DEFAULT":  1,
		"arn:aws:ssm:us-east-1::automation-definition/AWS-StartRdsInstance:$DEFAULT": 2,
	} {
		estimate := Of(Build(t, []Res{db("db.t4g.micro", false), target(arn)}, rule.DefaultSettings(rule.Prod)))
		require.Empty(t, estimate.Undecided)
		require.Len(t, estimate.Items, want, arn)
	}
}

// Unknown does not mean free.
func TestUnpricedIsUndecided(t *testing.T) {
	for name, r := range map[string]Res{
		"class":   db("db.x99.metal", false),
		"engine":  R(aws.DBInstance, "db", Props{"engine": "db2", "instanceClass": "db.t4g.micro", "allocatedStorage": 20}),
		"storage": R(aws.DBInstance, "db", Props{"engine": "mysql", "instanceClass": "db.t4g.micro", "allocatedStorage": 20, "storageType": "io2"}),
		"type":    R("aws:dynamodb/table:Table", "table", Props{}),
		"machine": R(aws.Instance, "i", Props{"instanceType": "p99.metal"}),
	} {
		estimate := Of(Build(t, []Res{r}, rule.DefaultSettings(rule.Prod)))
		require.Len(t, estimate.Undecided, 1, name)
		require.Equal(t, rule.Undecided, estimate.Undecided[0].Kind, name)
	}
}

func TestEveryKnownTypeIsPricedOrFree(t *testing.T) {
	for _, known := range aws.Known {
		_, isPriced := priced[known]
		rejected := known == aws.GlueDevEndpoint || known == aws.GlueMLTransform // Other rules forbid them.
		require.True(t, isPriced || free[known] != "" || rejected, known)
		require.False(t, isPriced && free[known] != "", known)
	}
}

func TestRunsFollowTriggers(t *testing.T) {
	s := Build(t, []Res{
		R(aws.GlueCrawler, "crawler", Props{"name": "crawl"}),
		R(aws.GlueJob, "job", Props{"name": "load", "numberOfWorkers": 2, "workerType": "G.1X"}),
		R(aws.GlueTrigger, "start", Props{"schedule": "cron(0 * * * ? *)", "enabled": true, "actions": List{Props{"crawlerName": "crawl"}}}),
		R(aws.GlueTrigger, "crawled", Props{"actions": List{Props{"jobName": "load"}}, "predicate": Props{"conditions": List{Props{"crawlerName": "crawl"}}}}),
	}, rule.DefaultSettings(rule.Prod))
	estimate := Of(s)
	require.Empty(t, estimate.Undecided)
	require.Equal(t, []Item{
		{"scheduled crawls", "crawler", "730 a month, each 10 minutes of 2 DPU", 107.07},
		{"scheduled runs of jobs", "job", "730 a month, each 2 minutes of 2 DPU", 21.41},
	}, rounded(estimate.Items))
}

func TestRunsCostWhatTheirGlueVersionDoes(t *testing.T) {
	for version, want := range map[any]float64{"5.1": 21.41, "6.0": 14.99} {
		s := Build(t, []Res{
			R(aws.GlueJob, "job", Props{"name": "load", "numberOfWorkers": 2, "workerType": "G.1X", "glueVersion": version}),
			R(aws.GlueTrigger, "start", Props{"schedule": "cron(0 * * * ? *)", "enabled": true, "actions": List{Props{"jobName": "load"}}}),
		}, rule.DefaultSettings(rule.Prod))
		require.Equal(t, []Item{{"scheduled runs of jobs", "job", "730 a month, each 2 minutes of 2 DPU", want}}, rounded(Of(s).Items))
	}
}

func TestRunsWithLittleToDoTakeTheSmallestCapacity(t *testing.T) {
	s := Build(t, []Res{
		R(aws.GlueJob, "job", Props{"name": "load", "numberOfWorkers": 10, "workerType": "G.1X", "defaultArguments": Props{"--enable-auto-scaling": "true"}}),
		R(aws.GlueTrigger, "start", Props{"schedule": "cron(0 * * * ? *)", "enabled": true, "actions": List{Props{"jobName": "load"}}}),
	}, rule.DefaultSettings(rule.Prod))
	require.Equal(t, []Item{{"scheduled runs of jobs", "job", "730 a month, each 2 minutes of 2 DPU", 21.41}}, rounded(Of(s).Items))
}

// Alarms and a dashboard read the same metric, which is billed once, and not by its alarms' own expressions.
func TestCustomMetricsOfAJobAreBilled(t *testing.T) {
	of := func(namespace, name string) Props {
		return Props{"namespace": namespace, "metricName": name, "dimensions": Props{"JobName": "load"}}
	}
	body := `{"widgets":[{"type":"alarm","properties":{"alarms":["arn"]}},{"type":"metric","properties":{"metrics":[
		["Shop","Failed","JobName","load",{"stat":"Sum"}],["Shop","Read","JobName","load",{}],["Shop","Read","JobName","other",{}],["AWS/RDS","CPU","DB","load",{}]]}}]}`
	for schedule, want := range map[string]float64{"cron(0 * * * ? *)": 3 * 0.30, "cron(0 2 * * ? *)": 3 * 0.30 / 24, "": 0} {
		s := Build(t, []Res{
			R(aws.GlueJob, "job", Props{"name": "load", "numberOfWorkers": 2, "workerType": "G.1X"}),
			R(aws.GlueTrigger, "start", Props{"schedule": schedule, "enabled": true, "actions": List{Props{"jobName": "load"}}}),
			R(aws.MetricAlarm, "failed", of("Shop", "Failed")), R(aws.MetricAlarm, "storage", of("AWS/RDS", "Storage")),
			R(aws.MetricAlarm, "share", Props{"metricQueries": List{Props{"id": "v", "expression": "m0"}, Props{"id": "m0", "metric": of("Shop", "Bad")}}}),
			R(dashboard, "board", Props{"dashboardBody": body}),
		}, rule.DefaultSettings(rule.Prod))
		got := 0.0
		for _, item := range Of(s).Items {
			if item.Group == "custom metrics" {
				got += item.USD
			}
		}
		require.InDelta(t, want, got, 1e-9, schedule)
	}
}

func rounded(items []Item) []Item {
	for i := range items {
		items[i].USD = math.Round(items[i].USD*100) / 100
	}
	return items
}

func TestSchedules(t *testing.T) {
	for schedule, want := range map[string]float64{
		"": 0, "cron(0 * * * ? *)": 730, "cron(15,45 * * * ? *)": 1460, "cron(0/15 * * * ? *)": 2920, "cron(0 2 * * ? *)": 365.0 / 12,
		"cron(0 2 1 * ? *)": 1, "cron(0 2 1 1 ? *)": 1.0 / 12, "cron(0 8-17 ? * MON,WED *)": 10 * 2 * 365.0 / 12 / 7,
		"rate(1 hour)": 730, "rate(7 days)": 730.0 / 24 / 7, "rate(5 minutes)": 8760,
	} {
		n, err := perMonth(value.Of(property.NewMap(map[string]property.Value{"schedule": property.New(schedule)})).Get("schedule"))
		require.NoError(t, err, schedule)
		require.InDelta(t, want, n, 0.01, schedule)
	}
	_, err := perMonth(value.Of(property.NewMap(map[string]property.Value{"schedule": property.New("daily")})).Get("schedule"))
	require.ErrorContains(t, err, "expected a schedule")
}
