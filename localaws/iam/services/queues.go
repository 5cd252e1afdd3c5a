package services

import "localaws/iam/policy"

// EventBridgeToQueue returns the requests with which EventBridge sends to a queue and uses its key. The queue's policy
// may have a condition on the rule. For the key, AWS documents no condition, so its context has no source.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
func (p Place) EventBridgeToQueue(queue, rule, key string) []policy.Request {
	requests := each(queue, keys("aws:SourceArn", rule, "aws:SecureTransport", "true"), "sqs:SendMessage")
	if key != "" {
		requests = append(requests, each(key, policy.Context{}, "kms:GenerateDataKey", "kms:Decrypt")...)
	}
	return as(policy.Principal{Service: "events.amazonaws.com"}, requests...)
}

// QueueKey returns the KMS requests that SQS makes for the caller if a key encrypts a queue.
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
func (p Place) QueueKey(caller policy.Principal, action, queue, key string) []policy.Request {
	context := p.via("sqs")
	context.Set("kms:EncryptionContext:aws:sqs:arn", queue)
	context.Set("kms:EncryptionContextKeys", "aws:sqs:arn")
	switch action {
	case "sqs:ReceiveMessage":
		return as(caller, each(key, context, "kms:Decrypt")...)
	case "sqs:SendMessage":
		return as(caller, each(key, context, "kms:GenerateDataKey", "kms:Decrypt")...)
	default:
		return nil
	}
}

// PollQueue returns the requests of Lambda's pollers to a queue with the function's role.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
func (p Place) PollQueue(role policy.Principal, queue string) []policy.Request {
	return as(role, each(queue, policy.Context{}, "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")...)
}
