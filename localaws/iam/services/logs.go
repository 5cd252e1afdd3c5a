package services

import (
	"slices"

	"localaws/iam/policy"
)

// group and stream return the ARNs with which CloudWatch Logs authorizes requests for a log group, and a stream in it.
func (p Place) group(name string) string { return p.arn("logs", "log-group:"+name+":log-stream:") }

func (p Place) stream(group, name string) string {
	return p.arn("logs", "log-group:"+group+":log-stream:"+name)
}

// RDSMonitoring returns the requests of enhanced monitoring with its role. The log group has the same name in every
// account.
// https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonRDSEnhancedMonitoringRole.html
func (p Place) RDSMonitoring(role policy.Principal, database string) []policy.Request {
	const group = "RDSOSMetrics"
	return as(role, slices.Concat(
		each(p.group(group), nil, "logs:CreateLogGroup", "logs:PutRetentionPolicy", "logs:DescribeLogStreams"),
		each(p.stream(group, database), nil, "logs:CreateLogStream", "logs:PutLogEvents", "logs:GetLogEvents"),
	)...)
}

// FlowLog returns the requests of a VPC flow log with its role.
// https://docs.aws.amazon.com/vpc/latest/userguide/flow-logs-iam-role.html
func (p Place) FlowLog(role policy.Principal, group, stream string) []policy.Request {
	return as(role, slices.Concat(
		each(p.arn("logs", "log-group::log-stream:"), nil, "logs:DescribeLogGroups"),
		each(p.group(group), nil, "logs:DescribeLogStreams"),
		each(p.stream(group, stream), nil, "logs:CreateLogStream", "logs:PutLogEvents"),
	)...)
}

// LogGroupKMS returns the KMS requests that CloudWatch Logs makes as a service, with the log group in the encryption
// context.
// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
func (p Place) LogGroupKMS(group, key string) []policy.Request {
	context := keys("kms:EncryptionContext:aws:logs:arn", p.arn("logs", "log-group:"+group))
	context.Set("kms:EncryptionContextKeys", "aws:logs:arn")
	service := policy.Principal{Service: "logs." + p.Region + ".amazonaws.com"}
	return as(service, each(key, context,
		"kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo", "kms:GenerateDataKey", "kms:DescribeKey")...)
}
