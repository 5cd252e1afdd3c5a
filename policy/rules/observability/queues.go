package observability

import (
	"store-events/policy/aws"
	"store-events/policy/iampolicy"
	"store-events/policy/rule"
)

var queueEncrypted = rule.Rule{
	ID:       "sqs-encrypted",
	Title:    "SQS queues are encrypted with a key of this stack",
	Why:      "The key limits who can read messages, and AWS services can use it, unlike the AWS managed key.",
	Fix:      "Set KmsMasterKeyId on the sqs.Queue to a kms.Key of the stack.",
	Sources:  "FSBP SQS.1; cdk-nag AwsSolutions-SQS2; checkov CKV_AWS_27; trivy aws-sqs-enable-queue-encryption",
	Severity: rule.Medium,
	Levels:   rule.StrictInProd,
	Types:    []string{aws.Queue, aws.Key},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.Queue, func(queue rule.Resource) []rule.Finding {
			return s.RequireReference(queue, queue.Get("kmsMasterKeyId"), "the key is not in this stack", aws.Key)
		})
	},
}

var queueTLSOnly = rule.Rule{
	ID:       "sqs-tls-only",
	Title:    "SQS queues reject messages without TLS",
	Why:      "SQS also accepts plain HTTP, which exposes messages and signatures.",
	Fix:      "Add an sqs.QueuePolicy that denies sqs:* to * when aws:SecureTransport is false.",
	Sources:  "cdk-nag AwsSolutions-SQS4",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.Queue, aws.QueuePolicy},
	Stack:    queues.demandTLS,
}

var queueNotPublic = rule.Rule{
	ID:       "sqs-policy-not-public",
	Title:    "Policies of SQS queues and event buses do not allow public access",
	Why:      "Otherwise, anyone can send, read or delete messages and events.",
	Fix:      "Name the services, and add a condition on aws:SourceArn or aws:SourceAccount.",
	Sources:  "FSBP SQS.3; checkov CKV_AWS_168; checkov CKV_AWS_387; trivy aws-sqs-no-wildcards-in-policy-documents",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.Queue, aws.QueuePolicy, aws.EventBusPolicy},
	Resource: func(r rule.Resource) []rule.Finding {
		message := "opens the queue to everyone"
		if r.Type == aws.EventBusPolicy {
			message = "opens the event bus to everyone"
		}
		return iampolicy.Forbid(r.Get("policy"), iampolicy.Statement.Public, message)
	},
}
