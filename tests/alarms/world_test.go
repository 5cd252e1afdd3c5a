// Package alarms deploys the program's alarms and event rules to a local CloudWatch and EventBridge, and receives
// their notifications while they fire and clear.
package alarms

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

	"localaws/ministack"
	localtools "localaws/testtools"
	"store-events/tests/policy/recording"
)

const queue = "subscriber"

// world is an emulator with the program's alarms, whose topic has a queue as a subscriber.
type world struct {
	t      *testing.T
	config aws.Config
	watch  *cloudwatch.Client
	queues *sqs.Client
	url    *string
	topic  string
	alarms map[string]*cloudwatch.PutMetricAlarmInput
	// messages are the received notifications.
	messages []string
}

func newWorld(t *testing.T, program recording.Program) *world {
	t.Helper()
	emulator, err := ministack.Start(t.Context(), ministack.Options{
		Command: localtools.Ministack(t), StateDir: t.TempDir(), GatewayURL: "http://127.0.0.1:1", Region: recording.Region,
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, emulator.Stop()) })
	w := &world{t: t, config: emulator.Config(recording.Region), alarms: map[string]*cloudwatch.PutMetricAlarmInput{}}
	w.watch, w.queues = cloudwatch.NewFromConfig(w.config), sqs.NewFromConfig(w.config)
	w.listen()
	for _, r := range program.Resources {
		if r.Type == "aws:cloudwatch/metricAlarm:MetricAlarm" {
			input := w.alarm(r)
			w.alarms[*input.AlarmName] = input
		}
	}
	return w
}

func (w *world) listen() {
	topics := sns.NewFromConfig(w.config)
	topic, err := topics.CreateTopic(w.t.Context(), &sns.CreateTopicInput{Name: aws.String("alerts")})
	require.NoError(w.t, err)
	made, err := w.queues.CreateQueue(w.t.Context(), &sqs.CreateQueueInput{QueueName: aws.String(queue)})
	require.NoError(w.t, err)
	arn := fmt.Sprintf("arn:aws:sqs:%s:%s:%s", recording.Region, recording.Account, queue)
	_, err = topics.Subscribe(w.t.Context(), &sns.SubscribeInput{TopicArn: topic.TopicArn, Protocol: aws.String("sqs"), Endpoint: &arn})
	require.NoError(w.t, err)
	w.topic, w.url = *topic.TopicArn, made.QueueUrl
}

// alarm returns the provider's request for a recorded alarm, with the topic of this world.
func (w *world) alarm(r recording.Resource) *cloudwatch.PutMetricAlarmInput {
	var p struct {
		Name, Namespace, MetricName, Statistic, ComparisonOperator, TreatMissingData, AlarmDescription string
		Dimensions                                                                                     map[string]string
		Period, EvaluationPeriods, DatapointsToAlarm                                                   int32
		Threshold                                                                                      float64
		AlarmActions, OkActions                                                                        []string
		MetricQueries                                                                                  []struct {
			ID, Expression string
			ReturnData     bool
			Metric         *struct {
				Namespace, MetricName, Stat string
				Period                      int32
				Dimensions                  map[string]string
			}
		}
	}
	text, err := json.Marshal(r.Props)
	require.NoError(w.t, err)
	require.NoError(w.t, json.Unmarshal(text, &p))
	require.Len(w.t, p.AlarmActions, 1, p.Name)
	require.Len(w.t, p.OkActions, 1, p.Name)
	input := &cloudwatch.PutMetricAlarmInput{
		AlarmName: &p.Name, AlarmDescription: &p.AlarmDescription, ComparisonOperator: types.ComparisonOperator(p.ComparisonOperator),
		TreatMissingData: &p.TreatMissingData, EvaluationPeriods: &p.EvaluationPeriods, DatapointsToAlarm: &p.DatapointsToAlarm,
		Threshold: &p.Threshold, AlarmActions: []string{w.topic}, OKActions: []string{w.topic},
	}
	if p.MetricName != "" {
		input.Namespace, input.MetricName, input.Statistic = &p.Namespace, &p.MetricName, types.Statistic(p.Statistic)
		input.Dimensions, input.Period = dimensions(p.Dimensions), &p.Period
		return input
	}
	for _, q := range p.MetricQueries {
		query := types.MetricDataQuery{Id: &q.ID, ReturnData: &q.ReturnData}
		if q.Metric == nil {
			query.Expression = aws.String(q.Expression)
		} else {
			query.MetricStat = &types.MetricStat{
				Stat: &q.Metric.Stat, Period: &q.Metric.Period,
				Metric: &types.Metric{Namespace: &q.Metric.Namespace, MetricName: &q.Metric.MetricName, Dimensions: dimensions(q.Metric.Dimensions)},
			}
		}
		input.Metrics = append(input.Metrics, query)
	}
	return input
}

func dimensions(of map[string]string) (all []types.Dimension) {
	for name, value := range of {
		all = append(all, types.Dimension{Name: &name, Value: &value})
	}
	return all
}

// stat is one of the metrics that an alarm reads.
type stat struct {
	namespace, name *string
	dimensions      []types.Dimension
	period          int32
}

func stats(of *cloudwatch.PutMetricAlarmInput) map[string]stat {
	if of.MetricName != nil {
		return map[string]stat{*of.MetricName: {of.Namespace, of.MetricName, of.Dimensions, *of.Period}}
	}
	all := map[string]stat{}
	for _, q := range of.Metrics {
		if q.MetricStat != nil {
			m := q.MetricStat.Metric
			all[*m.MetricName] = stat{m.Namespace, m.MetricName, m.Dimensions, *q.MetricStat.Period}
		}
	}
	return all
}

// put puts values of an alarm's metrics with a time some periods ago.
func (w *world) put(of *cloudwatch.PutMetricAlarmInput, ago int, values map[string]float64) {
	w.t.Helper()
	known := stats(of)
	for name, value := range values {
		s, found := known[name]
		require.True(w.t, found, "%s does not watch %s", *of.AlarmName, name)
		at := time.Now().Add(-time.Duration(ago) * time.Duration(s.period) * time.Second)
		_, err := w.watch.PutMetricData(w.t.Context(), &cloudwatch.PutMetricDataInput{
			Namespace: s.namespace, MetricData: []types.MetricDatum{{MetricName: s.name, Dimensions: s.dimensions, Timestamp: &at, Value: &value}},
		})
		require.NoError(w.t, err)
	}
}

// notified returns the states of an alarm that the subscriber received, in order.
func (w *world) notified(alarm string) (states []string) {
	w.t.Helper()
	w.receive()
	for _, text := range w.messages {
		var m struct{ AlarmName, AlarmDescription, NewStateValue string }
		require.NoError(w.t, json.Unmarshal([]byte(text), &m))
		if m.AlarmName == alarm {
			require.Contains(w.t, m.AlarmDescription, "docs/alarms.md#alarm-")
			states = append(states, m.NewStateValue)
		}
	}
	return states
}

func (w *world) receive() {
	w.t.Helper()
	for {
		out, err := w.queues.ReceiveMessage(w.t.Context(), &sqs.ReceiveMessageInput{QueueUrl: w.url, MaxNumberOfMessages: 10})
		require.NoError(w.t, err)
		if len(out.Messages) == 0 {
			return
		}
		for _, one := range out.Messages {
			var envelope struct{ Message string }
			require.NoError(w.t, json.Unmarshal([]byte(*one.Body), &envelope))
			w.messages = append(w.messages, envelope.Message)
			_, err := w.queues.DeleteMessage(w.t.Context(), &sqs.DeleteMessageInput{QueueUrl: w.url, ReceiptHandle: one.ReceiptHandle})
			require.NoError(w.t, err)
		}
	}
}
