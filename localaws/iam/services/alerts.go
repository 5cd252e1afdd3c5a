package services

import "localaws/iam/policy"

// EventBridgeToTopic returns the requests with which EventBridge sends to a topic and uses its key. AWS's documentation
// is contradictory about whether EventBridge sends aws:SourceArn and aws:SourceAccount. They are not set here, so that
// a policy that works here works on AWS in both cases.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
// https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
func (p Place) EventBridgeToTopic(topic, key string) []policy.Request {
	return p.toTopic("events.amazonaws.com", topic, key, nil)
}

// AlarmToTopic returns the requests with which a CloudWatch alarm sends to a topic and uses its key. Only the topic
// gets aws:SourceArn and aws:SourceAccount, because AWS's example of a key policy has no condition.
// https://docs.aws.amazon.com/sns/latest/dg/sns-access-policy-use-cases.html
// https://repost.aws/knowledge-center/cloudwatch-configure-alarm-sns
func (p Place) AlarmToTopic(alarm, topic, key string) []policy.Request {
	source := "arn:" + p.Partition + ":cloudwatch:" + p.Region + ":" + p.Account + ":alarm:" + alarm
	requests := p.toTopic("cloudwatch.amazonaws.com", topic, "", keys("aws:SourceAccount", p.Account, "aws:SourceArn", source))
	if key == "" {
		return requests
	}
	return append(requests, p.toTopic("cloudwatch.amazonaws.com", topic, key, nil)[1:]...)
}

// BudgetToTopic returns the requests with which a budget sends to a topic and uses its key, both with aws:SourceArn and
// aws:SourceAccount.
// https://docs.aws.amazon.com/cost-management/latest/userguide/budgets-sns-policy.html
func (p Place) BudgetToTopic(budget, topic, key string) []policy.Request {
	source := "arn:" + p.Partition + ":budgets::" + p.Account + ":budget/" + budget
	return p.toTopic("budgets.amazonaws.com", topic, key, keys("aws:SourceAccount", p.Account, "aws:SourceArn", source))
}

func (p Place) toTopic(service, topic, key string, context policy.Context) []policy.Request {
	requests := each(topic, context, "sns:Publish")
	if key != "" {
		requests = append(requests, each(key, context, "kms:GenerateDataKey", "kms:Decrypt")...)
	}
	for i := range requests {
		if requests[i].Context == nil {
			requests[i].Context = policy.Context{}
		}
		requests[i].Context.Set("aws:SecureTransport", "true")
	}
	return as(policy.Principal{Service: service}, requests...)
}

// RotationInvokes returns the request with which Secrets Manager invokes a rotation function.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-required-permissions-function.html
func (p Place) RotationInvokes(function, secret string) []policy.Request {
	context := keys("aws:SourceAccount", p.Account, "aws:SourceArn", secret)
	return as(policy.Principal{Service: "secretsmanager.amazonaws.com"}, each(function, context, "lambda:InvokeFunction")...)
}

// CommandOutput returns the requests with which the SSM agent stores a command's output with the instance's role: it
// puts the object with an ACL for the bucket's owner.
// https://github.com/aws/amazon-ssm-agent/blob/mainline/agent/s3util/s3util.go
func (p Place) CommandOutput(role policy.Principal, bucket, key string) []policy.Request {
	acl := keys("s3:x-amz-acl", "bucket-owner-full-control")
	return as(role, each(p.bucket(bucket+"/"+key), acl, "s3:PutObject", "s3:PutObjectAcl")...)
}
