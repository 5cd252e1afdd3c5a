package alarms

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/stretchr/testify/require"

	"store-events/tests/policy/recording"
)

var root = filepath.Join("..", "..")

// course is the values of an alarm's metrics during a failure, and after it.
type course struct{ wrong, right map[string]float64 }

type values = map[string]float64

// courses must contain all alarms: the test fails for an alarm without a course.
var courses = map[string]course{
	"run-failed":       {values{"RunsFailed": 1}, values{"RunsFailed": 0}},
	"run-missing":      {nil, values{"RunsSucceeded": 1}},
	"objects-unread":   {values{"ObjectsUnread": 1}, values{"ObjectsUnread": 0}},
	"lag":              {values{"LagSeconds": 3*3600 + 1}, values{"LagSeconds": 3 * 3600}},
	"quarantine":       {values{"LinesQuarantined": 6, "EventsRead": 100}, values{"LinesQuarantined": 5, "EventsRead": 100}},
	"crawl-failed":     {values{"CrawlFailed": 1}, values{"CrawlFailed": 0}},
	"events-dead":      {values{"ApproximateNumberOfMessagesVisible": 1}, values{"ApproximateNumberOfMessagesVisible": 0}},
	"starter-failed":   {values{"Errors": 1}, values{"Errors": 0}},
	"events-waiting":   {values{"ApproximateNumberOfMessagesVisible": 1}, values{"ApproximateNumberOfMessagesVisible": 1, "Invocations": 1}},
	"expectations":     {values{"ExpectationsFailed": 1}, values{"ExpectationsFailed": 0}},
	"streams":          {values{"StreamExpectationsFailed": 1}, values{"StreamExpectationsFailed": 0}},
	"unknown-field":    {values{"UnknownFields": 1}, values{"UnknownFields": 0}},
	"volume":           {values{"VolumeRatio": 0.24}, values{"VolumeRatio": 0.26}},
	"database-storage": {values{"FreeStorageSpace": 2<<30 - 1}, values{"FreeStorageSpace": 2 << 30}},
	"database-load":    {values{"CPUUtilization": 91}, values{"CPUUtilization": 90}},
	"rotation-failed":  {values{"Errors": 1}, values{"Errors": 0}},
	"producer-failed":  {values{"Errors": 1}, values{"Errors": 0}},
	"producer-silent":  {nil, values{"Invocations": 1}},
}

func TestEachAlarmFiresAndClears(t *testing.T) {
	program, err := recording.Record(root, "local", recording.Settings{
		"store-events:scheduleEnabled": "true", "store-events:schedule": "cron(0 * * * ? *)", "store-events:alarmSilentHours": "2", "store-events:trigger": "both",
	})
	require.NoError(t, err)
	w := newWorld(t, program)
	require.Len(t, w.alarms, len(courses))
	for role, c := range courses {
		name := "store-events-local-" + role
		alarm := w.alarms[name]
		require.NotNil(t, alarm, name)
		_, err := w.watch.PutMetricAlarm(t.Context(), alarm)
		require.NoError(t, err)
		periods := int(*alarm.EvaluationPeriods)
		if c.wrong != nil {
			for ago := periods + 1; ago > 2; ago-- {
				w.put(alarm, ago, c.wrong)
			}
			if *alarm.TreatMissingData == "ignore" {
				require.Empty(t, w.notified(name), "%s fires too early", name)
			}
			w.put(alarm, 2, c.wrong)
		}
		require.Equal(t, []string{"ALARM"}, w.notified(name), name)
		w.put(alarm, 1, c.right)
		require.Equal(t, []string{"ALARM", "OK"}, w.notified(name), name)
	}
}

// Volumes far above the usual are reported like those far below.
func TestHighVolumeIsReportedLikeLowVolume(t *testing.T) {
	program, err := recording.Record(root, "local", nil)
	require.NoError(t, err)
	w := newWorld(t, program)
	alarm := w.alarms["store-events-local-volume"]
	_, err = w.watch.PutMetricAlarm(t.Context(), alarm)
	require.NoError(t, err)
	w.put(alarm, 2, values{"VolumeRatio": 4.1})
	w.put(alarm, 1, values{"VolumeRatio": 4})
	require.Equal(t, []string{"ALARM", "OK"}, w.notified(*alarm.AlarmName))
}

// source replaces aws.glue, which only AWS may send.
const source = "local.glue"

// Events as AWS documents them:
// https://docs.aws.amazon.com/eventbridge/latest/ref/events-ref-glue.html
func TestFailuresOfGlueReachTheSubscriber(t *testing.T) {
	program, err := recording.Record(root, "local", nil)
	require.NoError(t, err)
	w := newWorld(t, program)
	bus := eventbridge.NewFromConfig(w.config)
	for _, r := range program.Resources {
		if r.Type != "aws:cloudwatch/eventRule:EventRule" || !strings.HasSuffix(r.Name, "-failed") {
			continue
		}
		pattern := r.Props["eventPattern"].(string)
		require.Contains(t, pattern, `"source":["aws.glue"]`)
		pattern = strings.ReplaceAll(pattern, "aws.glue", source)
		_, err := bus.PutRule(t.Context(), &eventbridge.PutRuleInput{Name: &r.Name, EventPattern: &pattern})
		require.NoError(t, err)
		_, err = bus.PutTargets(t.Context(), &eventbridge.PutTargetsInput{Rule: &r.Name, Targets: []types.Target{{Id: aws.String("topic"), Arn: &w.topic}}})
		require.NoError(t, err)
	}
	for _, one := range []struct {
		kind, detail string
		reported     bool
	}{
		{"Glue Job State Change", `{"jobName":"s3-to-rds-ingestor-local","state":"FAILED","jobRunId":"jr_1"}`, true},
		{"Glue Job State Change", `{"jobName":"s3-to-rds-ingestor-local","state":"TIMEOUT","jobRunId":"jr_2"}`, true},
		{"Glue Job State Change", `{"jobName":"s3-to-rds-ingestor-local","state":"SUCCEEDED","jobRunId":"jr_3"}`, false},
		{"Glue Job State Change", `{"jobName":"another","state":"FAILED","jobRunId":"jr_4"}`, false},
		{"Glue Crawler State Change", `{"crawlerName":"sale_txns_crawler_local","state":"Failed"}`, true},
		{"Glue Crawler State Change", `{"crawlerName":"sale_txns_crawler_local","state":"Succeeded"}`, false},
	} {
		before := len(w.messages)
		out, err := bus.PutEvents(t.Context(), &eventbridge.PutEventsInput{Entries: []types.PutEventsRequestEntry{
			{Source: aws.String(source), DetailType: &one.kind, Detail: &one.detail},
		}})
		require.NoError(t, err)
		require.Zero(t, out.FailedEntryCount)
		arrived := func() bool { w.receive(); return len(w.messages) > before }
		if !one.reported {
			require.Never(t, arrived, time.Second, 200*time.Millisecond, one.detail)
			continue
		}
		require.Eventually(t, arrived, 10*time.Second, 100*time.Millisecond, one.detail)
		var event struct{ Detail json.RawMessage }
		require.NoError(t, json.Unmarshal([]byte(w.messages[before]), &event))
		require.JSONEq(t, one.detail, string(event.Detail))
	}
}
