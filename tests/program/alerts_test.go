package program

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFailedRunsAndCostsAreTold(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		topic := s.one("aws:sns/topic:Topic", "")
		require.Equal(t, s.ARN(s.one("aws:kms/key:Key", "")), topic.Get(t, "kmsMasterKeyId"))

		require.Len(t, s.all("aws:cloudwatch/eventRule:EventRule"), 2)
		job, crawler := s.one("aws:glue/job:Job", "").Get(t, "name"), s.one("aws:glue/crawler:Crawler", "").Get(t, "name")
		for of, pattern := range map[string]string{
			"job": fmt.Sprintf(`{"source":["aws.glue"],"detail-type":["Glue Job State Change"],
				"detail":{"jobName":[%q],"state":["FAILED","TIMEOUT","ERROR"]}}`, job),
			"crawler": fmt.Sprintf(`{"source":["aws.glue"],"detail-type":["Glue Crawler State Change"],
				"detail":{"crawlerName":[%q],"state":["Failed"]}}`, crawler),
		} {
			rule := s.one("aws:cloudwatch/eventRule:EventRule", "-"+of+"-failed")
			require.JSONEq(t, pattern, rule.Get(t, "eventPattern").(string))
			target := s.one("aws:cloudwatch/eventTarget:EventTarget", "-"+of+"-failed")
			require.Equal(t, rule.Name, target.Get(t, "rule"))
			require.Equal(t, s.ARN(topic), target.Get(t, "arn"))
			require.True(t, target.WaitsFor(s.one("aws:sns/topicPolicy:TopicPolicy", "")), target.Name)
		}

		budget := s.one("aws:budgets/budget:Budget", "")
		require.Equal(t, fmt.Sprintf("%d.0", s.config.Alerts.MonthlyBudgetUSD), budget.Get(t, "limitAmount"))
		notification := budget.Get(t, "notifications").([]any)[0].(map[string]any)
		require.Equal(t, []any{s.ARN(topic)}, notification["subscriberSnsTopicArns"])

		// EventBridge can neither publish nor use the key where a condition is on it.
		own := map[string]map[string]any{"StringEquals": {"aws:SourceAccount": account}}
		want := map[any]map[string]map[string]any{"events.amazonaws.com": nil, "budgets.amazonaws.com": own}
		require.Equal(t, want, services(statements(t, s.one("aws:sns/topicPolicy:TopicPolicy", "").Get(t, "policy"))))
		inKey := services(statements(t, s.one("aws:kms/key:Key", "").Get(t, "policy")))
		delete(inKey, "logs."+region+".amazonaws.com")
		require.Equal(t, want, inKey)
	})
}

// services are the conditions under which services are allowed something.
func services(all []policyStatement) map[any]map[string]map[string]any {
	out := map[any]map[string]map[string]any{}
	for _, st := range all {
		if principal, ok := st.Principal.(map[string]any); ok && st.Effect == "Allow" && principal["Service"] != nil {
			out[principal["Service"]] = st.Condition
		}
	}
	return out
}
