package cost

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"

	"store-events/policy/aws"
	"store-events/policy/rule"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
	"store-events/policy/value"
)

const hourly = "cron(0 * * * ? *)"

func load(props Props) Res {
	all := Props{"name": "load", "numberOfWorkers": 2, "workerType": "G.1X"}
	for key, v := range props {
		all[key] = v
	}
	return R(aws.GlueJob, "job", all)
}

// on returns a trigger that starts actions on a schedule.
func on(schedule any, actions ...any) Res {
	return R(aws.GlueTrigger, "clock", Props{"type": "SCHEDULED", "schedule": schedule, "enabled": true, "actions": actions})
}

// after returns a trigger that starts actions after a job or crawl has ended.
func after(name string, condition Props, actions ...any) Res {
	return R(aws.GlueTrigger, name, Props{"type": "CONDITIONAL", "actions": actions, "predicate": Props{"conditions": List{condition}}})
}

func jobOf(name string) Props   { return Props{"jobName": name} }
func crawlOf(name string) Props { return Props{"crawlerName": name} }

func TestRunsFollowTriggers(t *testing.T) {
	items, undecided := estimate(t,
		R(aws.GlueCrawler, "crawler", Props{"name": "crawl"}), load(nil),
		R(aws.GlueJob, "report", Props{"name": "report", "numberOfWorkers": 4, "workerType": "G.1X"}),
		on(hourly, crawlOf("crawl")), after("crawled", crawlOf("crawl"), jobOf("load")), after("loaded", jobOf("load"), jobOf("report")),
	)
	require.Empty(t, undecided)
	require.Equal(t, []Item{
		{"scheduled crawls", "crawler", "730 a month, each 10 minutes of 2 DPU", 107.07},
		{"scheduled job runs", "report", "730 a month, each 2 minutes of 4 DPU", 42.83},
		{"scheduled job runs", "job", "730 a month, each 2 minutes of 2 DPU", 21.41},
	}, items)
}

func TestRunsWithoutATriggerCostNothing(t *testing.T) {
	off := on(hourly, jobOf("load"))
	off.Props["enabled"] = false
	for name, triggers := range map[string][]Res{
		"no trigger": nil,
		"off":        {off},
		"by hand":    {R(aws.GlueTrigger, "hand", Props{"type": "ON_DEMAND", "actions": List{jobOf("load")}})},
		"of another": {on(hourly, jobOf("other"))},
		"a cycle":    {after("a", jobOf("load"), crawlOf("crawl")), after("b", crawlOf("crawl"), jobOf("load"))},
	} {
		items, undecided := estimate(t, append(triggers, R(aws.GlueCrawler, "crawler", Props{"name": "crawl"}), load(Props{"numberOfWorkers": unknown}))...)
		require.Empty(t, items, name)
		require.Empty(t, undecided, name)
	}
}

func TestScheduleOfACrawlerCounts(t *testing.T) {
	items, undecided := estimate(t, R(aws.GlueCrawler, "crawler", Props{"name": "crawl", "schedule": "cron(0 2 1 * ? *)"}))
	require.Empty(t, undecided)
	require.Equal(t, []Item{{"scheduled crawls", "crawler", "1 a month, each 10 minutes of 2 DPU", 0.15}}, items)
	items, _ = estimate(t, R(aws.GlueCrawler, "crawler", Props{"name": "crawl", "schedule": hourly}), on(hourly, crawlOf("crawl")))
	require.Equal(t, []Item{{"scheduled crawls", "crawler", "1460 a month, each 10 minutes of 2 DPU", 214.13}}, items)
}

// https://docs.aws.amazon.com/glue/latest/dg/worker-types.html
func TestRunsUseTheDPUOfTheirWorkers(t *testing.T) {
	for kind, dpu := range map[string]string{"Standard": "1", "G.025X": "0.25", "G.1X": "1", "G.2X": "2", "G.4X": "4", "G.8X": "8"} {
		items, undecided := estimate(t, load(Props{"numberOfWorkers": 1, "workerType": kind}), on("cron(0 2 1 * ? *)", jobOf("load")))
		require.Empty(t, undecided, kind)
		require.Equal(t, "1 a month, each 2 minutes of "+dpu+" DPU", items[0].What)
	}
}

func TestCostOfRunsDependsOnTheGlueVersion(t *testing.T) {
	for version, want := range map[string]float64{"5.1": 21.41, "6.0": 14.99} {
		items, _ := estimate(t, load(Props{"glueVersion": version}), on(hourly, jobOf("load")))
		require.Equal(t, []Item{{"scheduled job runs", "job", "730 a month, each 2 minutes of 2 DPU", want}}, items)
	}
}

func TestSmallRunsUseTheMinimumCapacity(t *testing.T) {
	for scaling, dpu := range map[string]string{"true": "2", "false": "10"} {
		items, _ := estimate(t, load(Props{"numberOfWorkers": 10, "defaultArguments": Props{"--enable-auto-scaling": scaling}}), on(hourly, jobOf("load")))
		require.Equal(t, "730 a month, each 2 minutes of "+dpu+" DPU", items[0].What)
	}
}

func TestUndecidedRuns(t *testing.T) {
	scheduled := on(hourly, jobOf("load"))
	for name, tc := range map[string]struct {
		example                []Res
		urn, property, message string
	}{
		"workers":        {[]Res{load(Props{"numberOfWorkers": unknown}), scheduled}, "job", "numberOfWorkers", "not known yet"},
		"type":           {[]Res{load(Props{"workerType": unknown}), scheduled}, "job", "workerType", "not known yet"},
		"version":        {[]Res{load(Props{"glueVersion": unknown}), scheduled}, "job", "glueVersion", "not known yet"},
		"no such type":   {[]Res{load(Props{"workerType": "G.99X"}), scheduled}, "job", "workerType", "the number of DPUs of a run is not known"},
		"no workers":     {[]Res{load(Props{"numberOfWorkers": 0}), scheduled}, "job", "workerType", "the number of DPUs of a run is not known"},
		"schedule":       {[]Res{load(nil), on(unknown, jobOf("load"))}, "clock", "schedule", "not known yet"},
		"crawl":          {[]Res{R(aws.GlueCrawler, "crawler", Props{"schedule": unknown})}, "crawler", "schedule", "not known yet"},
		"no schedule":    {[]Res{R(aws.GlueCrawler, "crawler", Props{"schedule": "daily"})}, "crawler", "schedule", "schedule is another string, expected a schedule expression"},
		"schedule of it": {[]Res{R(aws.GlueCrawler, "crawler", Props{"name": "crawl"}), on(unknown, crawlOf("crawl"))}, "clock", "schedule", "not known yet"},
	} {
		items, undecided := estimate(t, tc.example...)
		require.Empty(t, items, name)
		require.Len(t, undecided, 1, name)
		require.Regexp(t, "::"+tc.urn+"$", undecided[0].URN, name)
		require.Equal(t, tc.property+": "+tc.message, undecided[0].Property+": "+undecided[0].Message, name)
	}
	_, undecided := estimate(t, R(aws.GlueCrawler, "crawler", Props{"name": "crawl"}), load(nil), on(unknown, crawlOf("crawl")), after("crawled", crawlOf("crawl"), jobOf("load")))
	require.Len(t, undecided, 2, "neither the crawls nor the runs after them")
}

// custom returns the items of metrics of the job load, which runs on a schedule.
func custom(t *testing.T, schedule string, readers ...Res) (items []Item) {
	t.Helper()
	all, _ := estimate(t, append(readers, load(nil), on(schedule, jobOf("load")))...)
	for _, item := range all {
		if item.Group == "custom metrics" {
			items = append(items, item)
		}
	}
	return items
}

func metric(namespace, name string) Props {
	return Props{"namespace": namespace, "metricName": name, "dimensions": Props{"JobName": "load"}}
}

// A metric that alarms and a dashboard read is billed once; expressions of alarms are not metrics.
func TestCustomMetricsOfAJobAreBilled(t *testing.T) {
	body := `{"widgets":[{"type":"alarm","properties":{"alarms":["arn"]}},{"type":"metric","properties":{"metrics":[
		["Shop","Failed","JobName","load",{"stat":"Sum"}],["Shop","Read","JobName","load",{}],["Shop","Read","JobName","other",{}],["AWS/RDS","CPU","DB","load",{}]]}}]}`
	readers := []Res{
		R(aws.MetricAlarm, "failed", metric("Shop", "Failed")), R(aws.MetricAlarm, "storage", metric("AWS/RDS", "Storage")),
		R(aws.MetricAlarm, "share", Props{"metricQueries": List{Props{"id": "v", "expression": "m0"}, Props{"id": "m0", "metric": metric("Shop", "Bad")}}}),
		R(dashboard, "board", Props{"dashboardBody": body}),
	}
	require.Empty(t, custom(t, "", readers...))
	require.Equal(t, []Item{{"custom metrics", "job", "3 for a job that runs 730 times a month", 0.90}}, custom(t, hourly, readers...))
	require.Equal(t, []Item{{"custom metrics", "job", "3 for a job that runs 30 times a month", 0.04}}, custom(t, "cron(0 2 * * ? *)", readers...), "for one hour of 24")
	require.Equal(t, []Item{{"custom metrics", "job", "3 for a job that runs 2920 times a month", 0.90}}, custom(t, "rate(15 minutes)", readers...), "an hour has one price")
}

func TestGlueMetricsAreBilled(t *testing.T) {
	of := func(schedule string, arguments Props) (items []Item) {
		all, _ := estimate(t, load(Props{"defaultArguments": arguments}), on(schedule, jobOf("load")))
		for _, item := range all {
			if item.Group == "custom metrics" {
				items = append(items, item)
			}
		}
		return items
	}
	require.Empty(t, of(hourly, Props{}))
	require.Empty(t, of(hourly, Props{"--enable-metrics": "false"}))
	require.Empty(t, of("", Props{"--enable-metrics": "true"}))
	every := []Item{{"custom metrics", "job", "about 100 from Glue, for a job that runs 730 times a month", 30}}
	require.Equal(t, every, of(hourly, Props{"--enable-metrics": ""}))
	require.Equal(t, every, of(hourly, Props{"--enable-observability-metrics": "true"}))
	require.Equal(t, every, of(hourly, Props{"--enable-metrics": "true", "--enable-observability-metrics": "true"}))
	require.InDelta(t, 1.25, of("cron(0 2 * * ? *)", Props{"--enable-metrics": "true"})[0].USD, 0.01)
}

func TestReadersOfCustomMetrics(t *testing.T) {
	draw := func(line string) Res {
		return R(dashboard, "board", Props{"dashboardBody": `{"widgets":[{"type":"metric","properties":{"metrics":[` + line + `]}}]}`})
	}
	of := func(job string) Res {
		m := metric("Shop", "Failed")
		m["dimensions"] = Props{"JobName": job}
		return R(aws.MetricAlarm, "alarm", m)
	}
	for name, tc := range map[string]struct {
		reader Res
		reads  bool
	}{
		"alarm":                       {of("load"), true},
		"alarm of another job":        {of("other"), false},
		"alarm of AWS's metric":       {R(aws.MetricAlarm, "alarm", metric("AWS/Usage", "Calls")), false},
		"alarm of Glue's metric":      {R(aws.MetricAlarm, "alarm", metric("Glue", "glue.error.ALL")), false},
		"alarm without a namespace":   {R(aws.MetricAlarm, "alarm", metric("", "Calls")), false},
		"alarm of an unknown metric":  {R(aws.MetricAlarm, "alarm", Props{"namespace": "Shop", "metricName": unknown, "dimensions": Props{"JobName": "load"}}), false},
		"drawing":                     {draw(`["Shop","Read","JobName","load"]`), true},
		"drawing of another job":      {draw(`["Shop","Read","JobName","other"]`), false},
		"drawing without a dimension": {draw(`["Shop","Read","load"]`), false},
		"drawing without a namespace": {draw(`[null,"Read","JobName","load"]`), false},
		"body that is not known":      {R(dashboard, "board", Props{"dashboardBody": unknown}), false},
		"body that is not JSON":       {R(dashboard, "board", Props{"dashboardBody": "{"}), false},
	} {
		require.Equal(t, tc.reads, len(custom(t, hourly, tc.reader)) == 1, name)
	}
	require.Contains(t, custom(t, hourly, draw(`["Shop","Read","JobName","load"],["Shop","Bad","JobName","load"]`))[0].What, "2 for a job")
	first, second := of("load"), R(aws.MetricAlarm, "second", metric("Shop", "Read"))
	require.Contains(t, custom(t, hourly, first, second)[0].What, "2 for a job")
}

func TestSchedules(t *testing.T) {
	const days = 365.0 / 12
	read := func(schedule any) (float64, error) {
		v := property.New(property.Computed)
		if text, known := schedule.(string); known {
			v = property.New(text)
		}
		return perMonth(value.Of(property.NewMap(map[string]property.Value{"schedule": v})).Get("schedule"))
	}
	for schedule, want := range map[string]float64{
		"": 0, "cron(0 * * * ? *)": 730, "cron(15,45 * * * ? *)": 1460, "cron(0/15 * * * ? *)": 2920, "cron(0 2 * * ? *)": days,
		"cron(0 2 1 * ? *)": 1, "cron(0 2 1 1 ? *)": 1.0 / 12, "cron(0 8-17 ? * MON,WED *)": 10 * 2 * days / 7,
		"rate(1 hour)": 730, "rate(7 days)": 730.0 / 24 / 7, "rate(5 minutes)": 8760,
		// Starts at minutes 30 and 45, 59, 45; at hours 8, 11, 14 and 17; and 5.
		"cron(30/15 * * * ? *)": 2 * 730, "cron(59/1 * * * ? *)": 730, "cron(45/30 * * * ? *)": 730, "cron(0 8-17/3 * * ? *)": 4 * days, "cron(0 5-5 * * ? *)": days,
		"cron(*/0 * * * ? *)": 43800, "cron(0,0,* * * * ? *)": 43800,
		"cron(0 3 ? * MON-FRI *)": 5 * days / 7, "cron(0 3 ? * sun *)": days / 7, "cron(0 3 1 JAN-MAR ? *)": 3.0 / 12, "cron(0 3 1 OCT-DEC ? *)": 3.0 / 12,
		"cron(0 3 1 APR-JUN ? *)": 3.0 / 12, "cron(0 3 1 JUL-SEP ? *)": 3.0 / 12, "cron(0 3 1 FEB-MAY ? *)": 4.0 / 12, "cron(0 3 1 AUG-NOV ? *)": 4.0 / 12,
		"cron(0 3 ? * TUE-SAT *)": 5 * days / 7, "cron(0 3 ? * SUN-THU *)": 5 * days / 7, "cron(0 3 ? * WED-SAT *)": 4 * days / 7,
		"cron(0 3 L * ? *)": 1,
	} {
		n, err := read(schedule)
		require.NoError(t, err, schedule)
		require.InDelta(t, want, n, 0.001, schedule)
	}
	_, err := read("daily")
	require.Equal(t, &value.Error{Path: "schedule", Want: "a schedule expression", Got: "another string"}, err)
	_, err = read(nil)
	require.Equal(t, "not known yet", rule.Unreadable(err)[0].Message)
}
