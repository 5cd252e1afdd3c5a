package components

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/config"
	"store-events/internal/pulumitest"
	"store-events/schema"
)

const alarmType = "aws:cloudwatch/metricAlarm:MetricAlarm"

// everyAlarm returns the resources of a stack with all alarms.
func everyAlarm(t testing.TB) recorded {
	t.Helper()
	c := settings(t)
	c.Alerts.SilentHours, c.Etl.Trigger = 6, config.ByBoth
	return buildAlarms(t, c)
}

// An existing database has metrics under another name, or none in CloudWatch.
func TestExistingDatabaseHasNoAlarms(t *testing.T) {
	c := settings(t)
	c.Database.Host = "db.example"
	r := buildAlarms(t, c)
	for _, a := range r.all(alarmType) {
		require.NotContains(t, a.Get(t, "name"), "database")
	}
	require.NotContains(t, r.all("aws:cloudwatch/dashboard:Dashboard")[0].Get(t, "dashboardBody"), "AWS/RDS")
}

func TestAlarmExpressions(t *testing.T) {
	job := map[string]any{"JobName": "s3-to-rds-ingestor-test"}
	database := map[string]any{"DBInstanceIdentifier": "db"}
	type watched struct {
		metrics             []any
		expression, missing string
		comparison          string
		threshold           float64
		period, periods     float64
	}
	of := func(namespace, name, statistic string, dimensions map[string]any) []any {
		return []any{namespace, name, statistic, dimensions}
	}
	runs := func(name, statistic string) []any { return of("StoreEvents", name, statistic, job) }
	calls := func(function, name string) []any {
		return of("AWS/Lambda", name, "Sum", map[string]any{"FunctionName": function})
	}
	messages := func(queue string) []any {
		return of("AWS/SQS", "ApproximateNumberOfMessagesVisible", "Maximum", map[string]any{"QueueName": queue})
	}
	want := map[string]watched{
		"run-failed":       {[]any{runs("RunsFailed", "Maximum")}, "", "ignore", atLeast, 1, 60, 1},
		"objects-unread":   {[]any{runs("ObjectsUnread", "Maximum")}, "", "ignore", above, 0, 60, 1},
		"lag":              {[]any{runs("LagSeconds", "Maximum")}, "", "ignore", above, 3 * 3600, 60, 1},
		"run-missing":      {[]any{runs("RunsSucceeded", "Sum")}, "FILL(m0, 0)", "breaching", below, 1, 3600, 3},
		"quarantine":       {[]any{runs("LinesQuarantined", "Sum"), runs("EventsRead", "Sum")}, "IF(m1 > 0, m0 / m1, 0)", "ignore", above, 0.05, 60, 1},
		"crawl-failed":     {[]any{runs("CrawlFailed", "Maximum")}, "", "ignore", atLeast, 1, 60, 1},
		"expectations":     {[]any{runs("ExpectationsFailed", "Maximum")}, "", "ignore", above, 0, 60, 1},
		"streams":          {[]any{runs("StreamExpectationsFailed", "Maximum")}, "", "ignore", above, 0, 60, 1},
		"unknown-field":    {[]any{runs("UnknownFields", "Sum")}, "", "ignore", above, 0, 60, 1},
		"volume":           {[]any{runs("VolumeRatio", "Maximum")}, "IF(m0 > 4 OR m0 * 4 < 1, 1, 0)", "ignore", atLeast, 1, 60, 1},
		"database-storage": {[]any{of("AWS/RDS", "FreeStorageSpace", "Minimum", database)}, "", "missing", below, 2 << 30, 300, 3},
		"database-load":    {[]any{of("AWS/RDS", "CPUUtilization", "Average", database)}, "", "missing", above, 90, 300, 6},
		"rotation-failed":  {[]any{calls("test-rotation", "Errors")}, "", "ignore", above, 0, 60, 1},
		"producer-failed":  {[]any{calls("test-producer", "Errors")}, "", "ignore", above, 0, 60, 1},
		"starter-failed":   {[]any{calls("test-starter", "Errors")}, "", "ignore", above, 0, 60, 1},
		"events-waiting":   {[]any{messages("test-starts"), calls("test-starter", "Invocations")}, "IF(m0 > 0 AND FILL(m1, 0) < 1, 1, 0)", "ignore", atLeast, 1, 300, 3},
		"events-dead":      {[]any{messages("test-starts-dead")}, "", "ignore", above, 0, 300, 1},
		"producer-silent":  {[]any{calls("test-producer", "Invocations")}, "FILL(m0, 0)", "breaching", below, 1, 3600, 6},
	}
	got := map[string]watched{}
	for _, a := range everyAlarm(t).all(alarmType) {
		w := watched{comparison: a.Get(t, "comparisonOperator").(string), threshold: a.Get(t, "threshold").(float64), missing: a.Get(t, "treatMissingData").(string)}
		w.periods = a.Get(t, "evaluationPeriods").(float64)
		require.InDelta(t, w.periods, a.Get(t, "datapointsToAlarm"), 0)
		if name, single := a.Inputs["metricName"]; single {
			w.period = a.Get(t, "period").(float64)
			w.metrics = []any{of(a.Get(t, "namespace").(string), name.(string), a.Get(t, "statistic").(string), a.Get(t, "dimensions").(map[string]any))}
		} else {
			queries := a.Get(t, "metricQueries").([]any)
			first := queries[0].(map[string]any)
			require.Equal(t, true, first["returnData"])
			w.expression = first["expression"].(string)
			for _, q := range queries[1:] {
				m := q.(map[string]any)["metric"].(map[string]any)
				w.period = m["period"].(float64)
				w.metrics = append(w.metrics, of(m["namespace"].(string), m["metricName"].(string), m["stat"].(string), m["dimensions"].(map[string]any)))
			}
		}
		got[strings.TrimPrefix(a.Name, "test-")] = w
	}
	require.Equal(t, want, got)
}

// The lag threshold follows the schedule; without one it is a day.
func TestLagThreshold(t *testing.T) {
	for hours, seconds := range map[int]float64{0: 24 * 3600, 1: 3600, 5: 5 * 3600} {
		require.InDelta(t, seconds, float64(lagHours(&AlarmsArgs{LateHours: hours})*3600), 0)
	}
}

func TestAlarmsNotifyWhenTheyFireAndClear(t *testing.T) {
	r := everyAlarm(t)
	for _, a := range r.all(alarmType) {
		require.Equal(t, a.Name, a.Get(t, "name"))
		require.Equal(t, []any{"arn:topic"}, a.Get(t, "alarmActions"), a.Name)
		require.Equal(t, []any{"arn:topic"}, a.Get(t, "okActions"), a.Name)
		require.True(t, waitsForMarker(a, "topic"), "without the topic's policy its first message is lost")
	}
}

// Every alarm and every notification links to its entry in the runbook.
func TestEveryAlarmHasItsRunbookEntry(t *testing.T) {
	text, err := os.ReadFile(filepath.Join("..", "docs", "alarms.md"))
	require.NoError(t, err)
	var described []string
	for _, a := range everyAlarm(t).all(alarmType) {
		described = append(described, a.Get(t, "alarmDescription").(string))
	}
	for _, rule := range buildAlerts(t, settings(t).Alerts).all("aws:cloudwatch/eventRule:EventRule") {
		described = append(described, rule.Get(t, "description").(string))
	}
	require.Len(t, described, 20)
	entries := map[string]bool{}
	for _, line := range strings.Split(string(text), "\n") {
		if role, found := strings.CutPrefix(line, "### Alarm: "); found {
			entries[role] = true
		}
	}
	for _, d := range described {
		_, role, found := strings.Cut(d, "docs/alarms.md#alarm-")
		require.True(t, found, d)
		require.True(t, entries[role], "docs/alarms.md has no entry of the alarm %s", role)
		delete(entries, role)
	}
	require.Empty(t, entries, "entries of alarms that do not exist")
}

func TestAlarmsFollowTheSettings(t *testing.T) {
	c := settings(t)
	c.Etl.ScheduleEnabled = false
	r := buildAlarms(t, c)
	for _, a := range r.all(alarmType) {
		require.NotContains(t, []string{"test-run-missing", "test-producer-silent"}, a.Name, "without a schedule no run is due")
	}
	require.InDelta(t, 24*3600, r.one(alarmType, "lag").Get(t, "threshold"), 0)
	c.Alerts.LateHours, c.Alerts.QuarantineShare, c.Alerts.VolumeFactor, c.Database.StorageGiB = 7, 0.5, 2.5, 100
	r = buildAlarms(t, c)
	require.InDelta(t, 7, r.one(alarmType, "run-missing").Get(t, "evaluationPeriods"), 0)
	require.InDelta(t, 7*3600, r.one(alarmType, "lag").Get(t, "threshold"), 0)
	require.InDelta(t, 0.5, r.one(alarmType, "quarantine").Get(t, "threshold"), 0)
	require.Contains(t, r.one(alarmType, "quarantine").Get(t, "alarmDescription"), "More than 50 % of the lines")
	require.InDelta(t, 10<<30, r.one(alarmType, "database-storage").Get(t, "threshold"), 0)
	require.Equal(t, "IF(m0 > 2.5 OR m0 * 2.5 < 1, 1, 0)", r.one(alarmType, "volume").Get(t, "metricQueries").([]any)[0].(map[string]any)["expression"])
}

// The dashboard shows each metric of the contract, and the state of each alarm.
func TestDashboardShowsEverything(t *testing.T) {
	r := everyAlarm(t)
	var body struct {
		Widgets []struct {
			Type                string
			X, Y, Width, Height int
			Properties          struct {
				Alarms  []string
				Metrics [][]any
				Region  string
			}
		}
	}
	d := r.one("aws:cloudwatch/dashboard:Dashboard", "dashboard")
	require.Equal(t, "test", d.Get(t, "dashboardName"))
	require.NoError(t, json.Unmarshal([]byte(d.Get(t, "dashboardBody").(string)), &body))
	require.Len(t, body.Widgets[0].Properties.Alarms, len(r.all(alarmType)))
	shown := map[any]bool{}
	taken := map[[2]int]bool{}
	for _, w := range body.Widgets {
		for x := w.X; x < w.X+w.Width; x++ {
			for y := w.Y; y < w.Y+w.Height; y++ {
				require.False(t, taken[[2]int{x, y}], "widgets overlap")
				require.Less(t, x, 24)
				taken[[2]int{x, y}] = true
			}
		}
		for _, m := range w.Properties.Metrics {
			require.Equal(t, region, w.Properties.Region)
			shown[m[1]] = true
		}
	}
	var names map[string]string
	encoded, err := json.Marshal(schema.Load().Metrics)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(encoded, &names))
	delete(names, "namespace")
	delete(names, "dimension")
	for _, name := range names {
		require.True(t, shown[name], "%s is not shown", name)
	}
}

// The dashboard shows the metrics of all alarms, with any settings.
func TestDashboardShowsWhatEachAlarmWatches(t *testing.T) {
	for _, trigger := range []string{config.BySchedule, config.ByEvents, config.ByBoth} {
		for _, host := range []string{"", "db.example"} {
			c := settings(t)
			c.Etl.Trigger, c.Database.Host, c.Alerts.SilentHours = trigger, host, 6
			r := buildAlarms(t, c)
			body := r.one("aws:cloudwatch/dashboard:Dashboard", "dashboard").Get(t, "dashboardBody").(string)
			for _, a := range r.all(alarmType) {
				watched := watchedBy(t, a)
				require.NotEmpty(t, watched, a.Name)
				for _, m := range watched {
					require.Contains(t, body, m, "%s, with %s and database %q", a.Name, trigger, host)
				}
			}
		}
	}
}

// watchedBy returns an alarm's metrics in the format of a dashboard's body.
func watchedBy(t *testing.T, alarm pulumitest.Resource) (all []string) {
	t.Helper()
	add := func(namespace, name, dimensions any) {
		for dimension, value := range dimensions.(map[string]any) {
			line, err := json.Marshal([]any{namespace, name, dimension, value})
			require.NoError(t, err)
			all = append(all, strings.TrimSuffix(string(line), "]"))
		}
	}
	if name, single := alarm.Inputs["metricName"]; single {
		add(alarm.Get(t, "namespace"), name, alarm.Get(t, "dimensions"))
		return all
	}
	for _, q := range alarm.Get(t, "metricQueries").([]any) {
		if m, given := q.(map[string]any)["metric"].(map[string]any); given {
			add(m["namespace"], m["metricName"], m["dimensions"])
		}
	}
	return all
}

// The threshold comes from the configuration; the default is not repeated here.
func TestLateHoursReachTheAlarms(t *testing.T) {
	c, err := config.Load("test", config.Map{"schedule": "cron(0 6 * * ? *)"})
	require.NoError(t, err)
	require.InDelta(t, 26, buildAlarms(t, c).one(alarmType, "run-missing").Get(t, "evaluationPeriods"), 0)
}
