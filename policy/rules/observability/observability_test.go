package observability

import (
	"slices"
	"testing"

	"store-events/policy/aws"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

func TestRules(t *testing.T) {
	Run(t, Rules(), slices.Concat(logCases(), alarmCases(), topicCases(), queueCases()))
}

var key = R(aws.Key, "key", Props{})

func logCases() []Case {
	group := func(props Props) []Res { return []Res{R(aws.LogGroup, "logs", props)} }
	withPolicy := func(statement string) []Res {
		return append(group(Props{"kmsKeyId": Arn("key")}), R(aws.Key, "key", Props{"policy": `{"Statement":` + statement + `}`}))
	}
	const allowed = `{"Effect":"Allow","Principal":{"Service":"logs.eu-west-1.amazonaws.com"},"Action":["kms:Encrypt*","kms:Decrypt*"],"Resource":"*"`
	return []Case{
		{
			Rule: "log-retention-set", Property: "retentionInDays",
			Compliant: group(Props{"retentionInDays": 30}), Violating: group(Props{"retentionInDays": 0}),
		},
		{
			Rule: "log-retention-year", Property: "retentionInDays",
			Compliant: group(Props{"retentionInDays": 365}), Violating: group(Props{"retentionInDays": 30}),
		},
		{
			Rule: "log-cmk", Property: "kmsKeyId",
			Compliant: append(group(Props{"kmsKeyId": Arn("key")}), key), Violating: append(group(Props{}), key),
		},
		{
			Rule: "log-key-policy-allows-logs", Property: "policy", On: "key",
			Compliant:    withPolicy(allowed + `,"Condition":{"ArnLike":{"kms:EncryptionContext:aws:logs:arn":"arn:aws:logs:eu-west-1:123456789012:*"}}}`),
			Violating:    withPolicy(allowed + `}`),
			AlsoViolates: map[string][]Res{"no policy": append(group(Props{"kmsKeyId": Arn("key")}), key)},
		},
	}
}

func alarmCases() []Case {
	topic := R(aws.Topic, "topic", Props{})
	alarm := func(props Props) []Res { return []Res{R(aws.MetricAlarm, "alarm", props), topic} }
	alerted := func(pattern string) []Res {
		return []Res{
			R(aws.EventRule, "event", Props{"eventPattern": pattern}), R(aws.GlueJob, "job", Props{}), topic,
			R(aws.EventTarget, "target", Props{"rule": Attr("event", "name"), "arn": Arn("topic")}),
		}
	}
	failures := func(states string) string {
		return `{"source":["aws.glue"],"detail-type":["Glue Job State Change"],"detail":{"state":[` + states + `]}}`
	}
	watched := func(metrics ...string) []Res {
		all := []Res{R(aws.DBInstance, "db", Props{"identifier": "store"})}
		for _, metric := range metrics {
			all = append(all, R(aws.MetricAlarm, metric, Props{"metricName": metric, "dimensions": Props{"DBInstanceIdentifier": "store"}}))
		}
		return all
	}
	return []Case{
		{
			Rule: "alarm-actions-present", Property: "alarmActions",
			Compliant: alarm(Props{"alarmActions": List{Arn("topic")}}), Violating: alarm(Props{"alarmActions": List{}}),
			AlsoViolates: map[string][]Res{"elsewhere": alarm(Props{"alarmActions": List{"arn:aws:sns:eu-west-1:1:x"}})},
		},
		{
			Rule: "alarm-actions-enabled", Property: "actionsEnabled", Missing: Passes,
			Compliant: alarm(Props{"actionsEnabled": true}), Violating: alarm(Props{"actionsEnabled": false}),
		},
		{
			Rule: "pipeline-failure-alerted", Property: "eventPattern",
			Compliant: alerted(failures(`"FAILED","TIMEOUT"`)), Violating: alerted(failures(`"SUCCEEDED"`)),
			AlsoViolates: map[string][]Res{"nothing": {R(aws.GlueJob, "job", Props{})}},
			AlsoPasses: map[string][]Res{
				"alarm":  append(alarm(Props{"namespace": "Glue", "metricName": "glue.driver.aggregate.numFailedTasks"}), R(aws.GlueJob, "job", Props{})),
				"no job": {topic},
			},
		},
		{
			Rule: "rds-alarms-exist", Property: "metricName", On: "CPUUtilization",
			Compliant: watched("FreeStorageSpace", "CPUUtilization"), Violating: watched("FreeStorageSpace"),
			AlsoPasses: map[string][]Res{"kept stopped": append(watched("FreeStorageSpace"), Stops("store")...)},
		},
		{
			Rule: "event-target-own-account", Property: "arn", On: "target",
			Compliant: alerted("{}"),
			Violating: []Res{R(aws.EventTarget, "target", Props{"arn": "arn:aws:sns:eu-west-1:1:x"})},
			AlsoPasses: map[string][]Res{
				"AWS's runbook": {R(aws.EventTarget, "target", Props{"arn": "arn:aws:ssm:eu-west-1::automation-definition/AWS-StopRdsInstance:$DEFAULT"})},
			},
			AlsoViolates: map[string][]Res{
				"somebody's runbook of the same name": {R(aws.EventTarget, "target", Props{"arn": "arn:aws:ssm:eu-west-1:1:automation-definition/AWS-StopRdsInstance:$DEFAULT"})},
				"another of AWS's runbooks":           {R(aws.EventTarget, "target", Props{"arn": "arn:aws:ssm:eu-west-1::automation-definition/AWS-DeleteSnapshot:$DEFAULT"})},
			},
		},
	}
}

func topicCases() []Case {
	topic := func(props Props) []Res { return []Res{R(aws.Topic, "topic", props), key} }
	policy := func(statement string) []Res {
		return append(topic(Props{}), R(aws.TopicPolicy, "policy", Props{"arn": Arn("topic"), "policy": `{"Statement":` + statement + `}`}))
	}
	subscription := func(protocol string) []Res {
		return []Res{R(aws.TopicSubscription, "subscription", Props{"protocol": protocol, "endpoint": "arn:aws:sqs:eu-west-1:123456789012:messages"})}
	}
	const denies = `{"Effect":"Deny","Principal":"*","Action":"sns:Publish","Resource":"*","Condition":{"Bool":{"aws:SecureTransport":"false"}}}`
	const open = `{"Effect":"Allow","Principal":"*","Action":"sns:Publish","Resource":"*"`
	return []Case{
		{
			Rule: "sns-encrypted", Property: "kmsMasterKeyId",
			Compliant: topic(Props{"kmsMasterKeyId": Ref("key")}), Violating: topic(Props{"kmsMasterKeyId": "alias/aws/sns"}),
		},
		{
			Rule: "sns-tls-only", Property: "policy", On: "policy",
			Compliant: policy(denies), Violating: topic(Props{}),
			AlsoViolates: map[string][]Res{"no such statement": policy(open + `}`), "inside": topic(Props{"policy": `{"Statement":[]}`})},
			AlsoPasses:   map[string][]Res{"inside": topic(Props{"policy": `{"Statement":` + denies + `}`})},
		},
		{
			Rule: "sns-policy-not-public", Property: "policy", On: "policy", Missing: Passes,
			Compliant: policy(open + `,"Condition":{"StringEquals":{"aws:SourceAccount":"123456789012"}}}`), Violating: policy(open + `}`),
		},
		{
			Rule: "sns-subscription-protocol", Property: "protocol", Missing: Passes,
			Compliant: subscription("sqs"), Violating: subscription("http"),
			AlsoViolates: map[string][]Res{
				"a mailbox": {R(aws.TopicSubscription, "s", Props{"protocol": "EMAIL", "endpoint": "a@b.example"})},
				"a phone":   {R(aws.TopicSubscription, "s", Props{"protocol": "sms", "endpoint": "+15555550100"})},
				"of costs":  {R(aws.Budget, "b", Props{"notifications": List{Props{"subscriberEmailAddresses": List{"a@b.example"}}}})},
			},
			AlsoPasses: map[string][]Res{
				"costs to a topic": {R(aws.Budget, "b", Props{"notifications": List{Props{"subscriberSnsTopicArns": List{"arn:x"}}}})},
			},
		},
		{
			Rule: "dashboard-own-functions", Property: "dashboardBody", Missing: Passes,
			Compliant: []Res{R(aws.Dashboard, "d", Props{"dashboardBody": Sub(`{"widgets":[{"type":"custom","properties":{"endpoint":"%s"}}]}`, "f", "arn")}), R(aws.Function, "f", Props{})},
			Violating: []Res{R(aws.Dashboard, "d", Props{"dashboardBody": `{"widgets":[{"type":"custom","properties":{"endpoint":"arn:aws:lambda:eu-west-1:999999999999:function:f"}}]}`})},
			AlsoPasses: map[string][]Res{
				"an alias": {R(aws.Dashboard, "d", Props{"dashboardBody": Sub(`{"widgets":[{"type":"custom","properties":{"endpoint":"%s:live"}}]}`, "f", "arn")}), R(aws.Function, "f", Props{})},
				"text":     {R(aws.Dashboard, "d", Props{"dashboardBody": `{"widgets":[{"type":"text","properties":{"markdown":"see the runbook"}}]}`})},
			},
		},
	}
}
