package services

import "localaws/iam/policy"

// EventBridgeToQueue is what EventBridge requires of a queue that a rule sends to, and of the key that encrypts the
// queue. The queue's policy may have a condition on the rule; no page says what the key's may have, so a use of the
// key carries no source here.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
// https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-key-management.html
func (p Place) EventBridgeToQueue(queue, rule, key string) []policy.Request {
	requests := each(queue, keys("aws:SourceArn", rule, "aws:SecureTransport", "true"), "sqs:SendMessage")
	if key != "" {
		requests = append(requests, each(key, policy.Context{}, "kms:GenerateDataKey", "kms:Decrypt")...)
	}
	return as(policy.Principal{Service: "events.amazonaws.com"}, requests...)
}

// QueueKey is what SQS requires of the caller when a key encrypts a queue.
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

// PollQueue is what Lambda's pollers do with a queue as the function's role.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
func (p Place) PollQueue(role policy.Principal, queue string) []policy.Request {
	return as(role, each(queue, policy.Context{}, "sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes")...)
}
