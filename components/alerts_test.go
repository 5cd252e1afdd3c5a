package components

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFailedRunsAndCostsAreReported(t *testing.T) {
	r := buildAlerts(t, settings(t).Alerts)
	topic := r.one("aws:sns/topic:Topic", "alerts")
	require.Equal(t, keyArn, topic.Get(t, "kmsMasterKeyId"))
	policy := r.one("aws:sns/topicPolicy:TopicPolicy", "alerts-policy")
	require.Equal(t, r.ARN(topic), policy.Get(t, "arn"))
	for of, pattern := range map[string]string{
		"job": `{"source":["aws.glue"],"detail-type":["Glue Job State Change"],
			"detail":{"jobName":["s3-to-rds-ingestor-test"],"state":["FAILED","TIMEOUT","ERROR"]}}`,
		"crawler": `{"source":["aws.glue"],"detail-type":["Glue Crawler State Change"],
			"detail":{"crawlerName":["sale_txns_crawler_test"],"state":["Failed"]}}`,
	} {
		rule, target := r.one("aws:cloudwatch/eventRule:EventRule", of+"-failed"), r.one("aws:cloudwatch/eventTarget:EventTarget", of+"-failed")
		require.JSONEq(t, pattern, rule.Get(t, "eventPattern").(string))
		require.Equal(t, rule.Name, target.Get(t, "rule"))
		require.Equal(t, r.ARN(topic), target.Get(t, "arn"))
		require.True(t, target.WaitsFor(policy), target.Name)
	}
	require.Len(t, r.all("aws:cloudwatch/eventRule:EventRule"), 2)

	budget := r.one("aws:budgets/budget:Budget", "budget")
	for property, want := range map[string]any{"name": "test", "budgetType": "COST", "timeUnit": "MONTHLY", "limitAmount": "100.0", "limitUnit": "USD"} {
		require.Equal(t, want, budget.Get(t, property))
	}
	notification := func(of string, threshold float64) any {
		return map[string]any{
			"notificationType": of, "comparisonOperator": "GREATER_THAN", "threshold": threshold, "thresholdType": "PERCENTAGE",
			"subscriberSnsTopicArns": []any{r.ARN(topic)},
		}
	}
	require.Equal(t, []any{notification("ACTUAL", 80), notification("ACTUAL", 100), notification("FORECASTED", 100)}, budget.Get(t, "notifications"),
		"AWS has no forecast in an account's first weeks")
	require.True(t, budget.WaitsFor(policy))
}

func TestWithoutABudget(t *testing.T) {
	s := settings(t).Alerts
	s.MonthlyBudgetUSD = 0
	require.Empty(t, buildAlerts(t, s).all("aws:budgets/budget:Budget"))
}

// EventBridge can neither publish nor use the key if the statement has a condition.
func TestTopicPolicy(t *testing.T) {
	r := buildAlerts(t, settings(t).Alerts)
	topic := []string{r.ARN(r.one("aws:sns/topic:Topic", "alerts"))}
	publish := []string{"sns:Publish"}
	require.Equal(t, map[string]policyStatement{
		"FailedRuns": {Sid: "FailedRuns", Effect: "Allow", Principal: map[string]any{"Service": "events.amazonaws.com"}, Action: publish, Resource: topic},
		"Alarms": {
			Sid: "Alarms", Effect: "Allow", Principal: map[string]any{"Service": "cloudwatch.amazonaws.com"}, Action: publish, Resource: topic,
			Condition: map[string]map[string]any{"ArnLike": {"aws:SourceArn": "arn:aws:cloudwatch:" + region + ":" + account + ":alarm:*"}},
		},
		"Costs": {
			Sid: "Costs", Effect: "Allow", Principal: map[string]any{"Service": "budgets.amazonaws.com"}, Action: publish, Resource: topic,
			Condition: map[string]map[string]any{"StringEquals": {"aws:SourceAccount": account}},
		},
		"TLSOnly": {
			Sid: "TLSOnly", Effect: "Deny", Principal: "*", Action: publish, Resource: topic,
			Condition: map[string]map[string]any{"Bool": {"aws:SecureTransport": "false"}},
		},
	}, statements(t, r.one("aws:sns/topicPolicy:TopicPolicy", "alerts-policy").Get(t, "policy")))
}

func TestAlertsGoToAnAddress(t *testing.T) {
	const kind = "aws:sns/topicSubscription:TopicSubscription"
	s := settings(t).Alerts
	require.Empty(t, buildAlerts(t, s).all(kind))
	s.Email = "ops@example.com"
	subscription := buildAlerts(t, s).one(kind, "alerts-email")
	require.Equal(t, "email", subscription.Get(t, "protocol"))
	require.Equal(t, "ops@example.com", subscription.Get(t, "endpoint"))
	require.Equal(t, "arn:aws:sns:"+region+":"+account+":test-alerts", subscription.Get(t, "topic"))
}
