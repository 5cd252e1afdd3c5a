package mutation

import "store-events/policy/aws"

func alarm(props object) Change {
	for key, v := range (object{"comparisonOperator": "GreaterThanThreshold", "evaluationPeriods": 1, "metricName": "Errors", "namespace": "AWS/Lambda", "period": 60, "statistic": "Sum", "threshold": 0}) {
		if _, given := props[key]; !given {
			props[key] = v
		}
	}
	return add(aws.MetricAlarm, "alarm-"+props["metricName"].(string), props)
}

var observability = []Mutation{
	{Rule: "log-retention-set", Also: []string{"log-retention-year"}, Change: unset(aws.LogGroup, "job-log-error", "retentionInDays")},
	{Rule: "sns-tls-only", Change: edit(aws.TopicPolicy, "alerts-policy", "policy", "aws:SecureTransport", "aws:ViaAWSService")},
	{Rule: "log-retention-year", Change: set(aws.LogGroup, "job-log-error", "retentionInDays", 30)},
	{Rule: "log-cmk", Change: unset(aws.LogGroup, "job-log-error", "kmsKeyId")},
	{Rule: "log-key-policy-allows-logs", Change: edit(aws.Key, "key", "policy", "logs.us-east-1.amazonaws.com", "delivery.logs.amazonaws.com.example")},
	{Rule: "alarm-actions-present", Change: alarm(object{})},
	{Rule: "alarm-actions-enabled", Change: alarm(object{"alarmActions": list{to(aws.Topic, "alerts", "arn")}, "actionsEnabled": false})},
	{Rule: "pipeline-failure-alerted", Change: remove(aws.EventTarget, "job-failed")},
	{Rule: "rds-alarms-exist", Change: remove(aws.MetricAlarm, "database-load")},
	{Rule: "event-target-own-account", Also: []string{"own-account-only"}, Change: add(aws.EventTarget, "elsewhere", object{"rule": to(aws.EventRule, "job-failed", "name"), "arn": "arn:aws:sns:us-east-1:999999999999:elsewhere"})},
	{Rule: "sns-encrypted", Change: unset(aws.Topic, "alerts", "kmsMasterKeyId")},
	{Rule: "sns-policy-not-public", Change: state(aws.TopicPolicy, "alerts-policy", "policy", object{"Effect": "Allow", "Principal": "*", "Action": "sns:Publish", "Resource": to(aws.Topic, "alerts", "arn")})},
	{Rule: "sqs-encrypted", Change: unset(aws.Queue, "starts", "kmsMasterKeyId")},
	{Rule: "sqs-tls-only", Change: edit(aws.QueuePolicy, "starts-policy", "policy", "aws:SecureTransport", "aws:ViaAWSService")},
	{Rule: "sqs-policy-not-public", Change: state(aws.QueuePolicy, "starts-policy", "policy", object{"Effect": "Allow", "Principal": "*", "Action": "sqs:SendMessage", "Resource": to(aws.Queue, "starts", "arn")})},
	{Rule: "sns-subscription-protocol", Change: add(aws.TopicSubscription, "pager", object{"topic": to(aws.Topic, "alerts", "arn"), "protocol": "http", "endpoint": "http://pager.example/"})},
	{Rule: "dashboard-own-functions", Change: set(aws.Dashboard, "dashboard", "dashboardBody", `{"widgets":[{"type":"custom","properties":{"endpoint":"arn:aws:lambda:us-east-1:000000000000:function:elsewhere"}}]}`)},
}
