package services

import "localaws/iam/policy"

// EventBridgeToTopic is what EventBridge requires of a topic that a rule sends to, and of the key that encrypts
// the topic. AWS's pages disagree on whether it sends aws:SourceArn and aws:SourceAccount, and SNS's page on
// encrypted topics says that some event sources do not. Neither is sent here, so that what works here works
// either way.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
// https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
func (p Place) EventBridgeToTopic(topic, key string) []policy.Request {
	return p.toTopic("events.amazonaws.com", topic, key, nil)
}

// AlarmToTopic is the same for an alarm of CloudWatch, which names itself to the topic. To the key it is taken to
// send neither, as AWS shows a key's policy without a condition.
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

// BudgetToTopic is the same for a budget, which sends both keys.
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

// RotationInvokes is what Secrets Manager requires of the function that rotates a secret.
// https://docs.aws.amazon.com/secretsmanager/latest/userguide/rotating-secrets-required-permissions-function.html
func (p Place) RotationInvokes(function, secret string) []policy.Request {
	context := keys("aws:SourceAccount", p.Account, "aws:SourceArn", secret)
	return as(policy.Principal{Service: "secretsmanager.amazonaws.com"}, each(function, context, "lambda:InvokeFunction")...)
}

// CommandOutput is what the SSM agent does with a command's output as the instance's role: it puts the object with an
// ACL for the bucket's owner.
// https://github.com/aws/amazon-ssm-agent/blob/mainline/agent/s3util/s3util.go
func (p Place) CommandOutput(role policy.Principal, bucket, key string) []policy.Request {
	acl := keys("s3:x-amz-acl", "bucket-owner-full-control")
	return as(role, each(p.bucket(bucket+"/"+key), acl, "s3:PutObject", "s3:PutObjectAcl")...)
}
