package program

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFailedRunsAndCostsAreTold(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		topic := s.one("aws:sns/topic:Topic", "")
		require.Equal(t, arn(s.one("aws:kms/key:Key", "")), topic.get(t, "kmsMasterKeyId"))

		rule := s.one("aws:cloudwatch/eventRule:EventRule", "")
		require.JSONEq(t, `{"source":["aws.glue"],"detail-type":["Glue Job State Change"],
			"detail":{"jobName":["s3-to-rds-ingestor-`+s.name+`"],"state":["FAILED","TIMEOUT","ERROR"]}}`, rule.get(t, "eventPattern").(string))
		target := s.one("aws:cloudwatch/eventTarget:EventTarget", "")
		require.Equal(t, rule.Name, target.get(t, "rule"))
		require.Equal(t, arn(topic), target.get(t, "arn"))

		budget := s.one("aws:budgets/budget:Budget", "")
		require.Equal(t, fmt.Sprintf("%d.0", s.config.Alerts.MonthlyBudgetUSD), budget.get(t, "limitAmount"))
		notification := budget.get(t, "notifications").([]any)[0].(map[string]any)
		require.Equal(t, []any{arn(topic)}, notification["subscriberSnsTopicArns"])

		publishers := map[any]bool{}
		for _, st := range statements(t, s.one("aws:sns/topicPolicy:TopicPolicy", "").get(t, "policy")) {
			if st.Effect == "Allow" {
				publishers[st.Principal.(map[string]any)["Service"]] = true
				require.Equal(t, map[string]map[string]any{"StringEquals": {"aws:SourceAccount": account}}, st.Condition)
			}
		}
		require.Equal(t, map[any]bool{"events.amazonaws.com": true, "budgets.amazonaws.com": true}, publishers)
	})
}
