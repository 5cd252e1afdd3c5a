package ministack_test

import (
	"encoding/json"
	"fmt"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/stretchr/testify/require"
)

// monitored is an emulator with a topic, whose messages go to a queue.
type monitored struct {
	t       *testing.T
	watch   *cloudwatch.Client
	queues  *sqs.Client
	topic   string
	queue   *string
	message map[string][]string
}

func newMonitored(t *testing.T) *monitored {
	t.Helper()
	config := start(t, t.TempDir()).Config("us-east-1")
	m := &monitored{t: t, watch: cloudwatch.NewFromConfig(config), queues: sqs.NewFromConfig(config), message: map[string][]string{}}
	topics := sns.NewFromConfig(config)
	topic, err := topics.CreateTopic(t.Context(), &sns.CreateTopicInput{Name: aws.String("alerts")})
	require.NoError(t, err)
	queue, err := m.queues.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String("subscriber")})
	require.NoError(t, err)
	_, err = topics.Subscribe(t.Context(), &sns.SubscribeInput{
		TopicArn: topic.TopicArn, Protocol: aws.String("sqs"), Endpoint: aws.String("arn:aws:sqs:us-east-1:000000000000:subscriber"),
	})
	require.NoError(t, err)
	m.topic, m.queue = *topic.TopicArn, queue.QueueUrl
	return m
}

// alarm fires above 10, in two of three minutes.
func (m *monitored) alarm(name, missing string) *cloudwatch.PutMetricAlarmInput {
	return &cloudwatch.PutMetricAlarmInput{
		AlarmName: &name, AlarmDescription: aws.String("too <much>"), Namespace: aws.String("Shop"), MetricName: aws.String("Load"), Statistic: types.StatisticMaximum,
		Dimensions: []types.Dimension{{Name: aws.String("Of"), Value: &name}}, Period: aws.Int32(60), EvaluationPeriods: aws.Int32(3), DatapointsToAlarm: aws.Int32(2),
		Threshold: aws.Float64(10), ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold, TreatMissingData: &missing,
		AlarmActions: []string{m.topic}, OKActions: []string{m.topic},
	}
}

func (m *monitored) put(input *cloudwatch.PutMetricAlarmInput) {
	m.t.Helper()
	_, err := m.watch.PutMetricAlarm(m.t.Context(), input)
	require.NoError(m.t, err)
}

// data puts a value with a time some minutes ago.
func (m *monitored) data(metric, of string, minutesAgo int, value float64) {
	m.t.Helper()
	at := time.Now().Add(-time.Duration(minutesAgo) * time.Minute)
	_, err := m.watch.PutMetricData(m.t.Context(), &cloudwatch.PutMetricDataInput{Namespace: aws.String("Shop"), MetricData: []types.MetricDatum{{
		MetricName: &metric, Timestamp: &at, Value: &value, Dimensions: []types.Dimension{{Name: aws.String("Of"), Value: &of}},
	}}})
	require.NoError(m.t, err)
}

func (m *monitored) state(name string) types.StateValue {
	m.t.Helper()
	out, err := m.watch.DescribeAlarms(m.t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{name}})
	require.NoError(m.t, err)
	require.Len(m.t, out.MetricAlarms, 1)
	return out.MetricAlarms[0].StateValue
}

// notified returns the states of an alarm that the subscriber received, in order.
func (m *monitored) notified(name string) []string {
	m.t.Helper()
	for {
		out, err := m.queues.ReceiveMessage(m.t.Context(), &sqs.ReceiveMessageInput{QueueUrl: m.queue, MaxNumberOfMessages: 10})
		require.NoError(m.t, err)
		if len(out.Messages) == 0 {
			return m.message[name]
		}
		for _, one := range out.Messages {
			var envelope struct{ Message string }
			var message struct{ AlarmName, NewStateValue string }
			require.NoError(m.t, json.Unmarshal([]byte(*one.Body), &envelope))
			require.NoError(m.t, json.Unmarshal([]byte(envelope.Message), &message))
			m.message[message.AlarmName] = append(m.message[message.AlarmName], message.NewStateValue)
			_, err := m.queues.DeleteMessage(m.t.Context(), &sqs.DeleteMessageInput{QueueUrl: m.queue, ReceiptHandle: one.ReceiptHandle})
			require.NoError(m.t, err)
		}
	}
}

// The rows of AWS's tables, for an alarm of two in three data points; the newest is the last.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-missing-data.html
func TestMissingDataIsTreatedAsOnAWS(t *testing.T) {
	m := newMonitored(t)
	const alarm, ok, none = types.StateValueAlarm, types.StateValueOk, types.StateValueInsufficientData
	// Values of the last five minutes: x breaches, 0 does not, - is missing.
	for i, c := range []struct {
		data                                     string
		missing, ignore, breaching, notBreaching types.StateValue
	}{
		{"0-x-x", alarm, alarm, alarm, alarm},
		{"00x0x", alarm, alarm, alarm, alarm},
		{"0-x--", ok, ok, alarm, ok},
		{"----0", ok, ok, alarm, ok},
		{"---x-", alarm, none, alarm, ok},
		{"-----", none, none, alarm, ok},
		{"xx000", ok, ok, ok, ok},
	} {
		for treatment, want := range map[string]types.StateValue{"missing": c.missing, "ignore": c.ignore, "breaching": c.breaching, "notBreaching": c.notBreaching} {
			name := fmt.Sprintf("%d-%s", i, treatment)
			for at, value := range c.data {
				switch value {
				case 'x':
					m.data("Load", name, 5-at, 11)
				case '0':
					m.data("Load", name, 5-at, 10)
				}
			}
			m.put(m.alarm(name, treatment))
			require.Equal(t, want, m.state(name), "%s with %s", c.data, treatment)
		}
	}
}

func TestSubscriberIsNotifiedWhenAnAlarmFiresAndClears(t *testing.T) {
	m := newMonitored(t)
	m.put(m.alarm("load", "ignore"))
	m.data("Load", "other", 2, 100)
	m.data("Load", "other", 1, 100)
	require.Equal(t, types.StateValueInsufficientData, m.state("load"), "other dimensions are another metric")
	m.data("Load", "load", 4, 100)
	m.data("Load", "load", 3, 100)
	require.Equal(t, types.StateValueAlarm, m.state("load"))
	m.data("Load", "load", 2, 1)
	m.data("Load", "load", 1, 1)
	require.Equal(t, types.StateValueOk, m.state("load"))
	require.Equal(t, []string{"ALARM", "OK"}, m.notified("load"))
}

func TestMissingDataFiresWithoutNewData(t *testing.T) {
	m := newMonitored(t)
	input := m.alarm("silent", "breaching")
	input.ComparisonOperator, input.EvaluationPeriods, input.DatapointsToAlarm = types.ComparisonOperatorLessThanThreshold, aws.Int32(1), nil
	input.Period = aws.Int32(10)
	m.data("Load", "silent", 0, 100)
	m.put(input)
	require.Equal(t, types.StateValueOk, m.state("silent"))
	require.Eventually(t, func() bool { return m.state("silent") == types.StateValueAlarm }, time.Minute, time.Second, "no data is put")
}

func TestAlarmsByMetricMath(t *testing.T) {
	m := newMonitored(t)
	query := func(id, metric string) types.MetricDataQuery {
		return types.MetricDataQuery{Id: &id, ReturnData: aws.Bool(false), MetricStat: &types.MetricStat{
			Period: aws.Int32(60), Stat: aws.String("Sum"),
			Metric: &types.Metric{Namespace: aws.String("Shop"), MetricName: &metric, Dimensions: []types.Dimension{{Name: aws.String("Of"), Value: aws.String("share")}}},
		}}
	}
	input := &cloudwatch.PutMetricAlarmInput{
		AlarmName: aws.String("share"), EvaluationPeriods: aws.Int32(1), Threshold: aws.Float64(0.1), TreatMissingData: aws.String("ignore"),
		ComparisonOperator: types.ComparisonOperatorGreaterThanThreshold, AlarmActions: []string{m.topic}, OKActions: []string{m.topic},
		Metrics: []types.MetricDataQuery{
			{Id: aws.String("value"), Expression: aws.String("IF(m1 > 0, m0 / m1, 0)"), Label: aws.String("bad"), ReturnData: aws.Bool(true)},
			query("m0", "Bad"), query("m1", "All"),
		},
	}
	m.put(input)
	m.data("Bad", "share", 2, 2)
	m.data("All", "share", 2, 10)
	require.Equal(t, types.StateValueAlarm, m.state("share"))
	m.data("Bad", "share", 1, 0)
	require.Equal(t, types.StateValueAlarm, m.state("share"), "no value without both metrics")
	m.data("All", "share", 1, 0)
	require.Equal(t, types.StateValueOk, m.state("share"), "no division by zero")
	require.Equal(t, []string{"ALARM", "OK"}, m.notified("share"))

	input.Metrics[0].Expression = aws.String("ANOMALY_DETECTION_BAND(m0, 2)")
	_, err := m.watch.PutMetricAlarm(t.Context(), input)
	require.ErrorContains(t, err, "the local AWS does not evaluate this alarm: 'ANOMALY_DETECTION_BAND'")
}

// The limits are 7 days, and one day for periods below an hour:
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html
func TestAlarmsOverALongTimeAreRefused(t *testing.T) {
	m := newMonitored(t)
	for _, c := range []struct {
		period, periods int32
		refused         bool
	}{{3600, 168, false}, {3600, 169, true}, {300, 288, false}, {300, 289, true}, {86400, 8, true}} {
		alarm := m.alarm("long", "missing")
		alarm.Period, alarm.EvaluationPeriods, alarm.DatapointsToAlarm = &c.period, &c.periods, nil
		inQuery := m.alarm("long", "missing")
		inQuery.EvaluationPeriods, inQuery.DatapointsToAlarm, inQuery.Period, inQuery.Statistic, inQuery.Dimensions = &c.periods, nil, nil, "", nil
		inQuery.Metrics = []types.MetricDataQuery{{Id: aws.String("m0"), MetricStat: &types.MetricStat{
			Metric: &types.Metric{Namespace: inQuery.Namespace, MetricName: inQuery.MetricName}, Period: &c.period, Stat: aws.String("Sum"),
		}}}
		inQuery.Namespace, inQuery.MetricName = nil, nil
		for _, input := range []*cloudwatch.PutMetricAlarmInput{alarm, inQuery} {
			_, err := m.watch.PutMetricAlarm(t.Context(), input)
			if !c.refused {
				require.NoError(t, err)
				continue
			}
			require.ErrorContains(t, err, "EvaluationPeriods * Period must be <= ")
		}
	}
}

// The provider compares these members with the program: a missing one would be a difference.
func TestAlarmsKeepAllMembers(t *testing.T) {
	m := newMonitored(t)
	input := m.alarm("whole", "ignore")
	m.put(input)
	out, err := m.watch.DescribeAlarms(t.Context(), &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{"whole"}})
	require.NoError(t, err)
	a := out.MetricAlarms[0]
	require.Equal(t, []any{input.AlarmDescription, input.Namespace, input.MetricName, input.Statistic, input.Dimensions, input.Period, input.Threshold, input.AlarmActions, input.OKActions, input.TreatMissingData, input.DatapointsToAlarm},
		[]any{a.AlarmDescription, a.Namespace, a.MetricName, a.Statistic, a.Dimensions, a.Period, a.Threshold, a.AlarmActions, a.OKActions, a.TreatMissingData, a.DatapointsToAlarm})
	require.WithinDuration(t, time.Now(), *a.StateUpdatedTimestamp, time.Minute)
}
