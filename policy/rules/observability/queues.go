package observability

import (
	"store-events/policy/aws"
	"store-events/policy/iampolicy"
	"store-events/policy/rule"
)

var queueEncrypted = rule.Rule{
	ID:       "sqs-encrypted",
	Title:    "A queue is encrypted with a key of this stack",
	Why:      "Who reads its messages can then be limited by the key, and services can use it, which they cannot with the AWS managed key.",
	Fix:      "Set KmsMasterKeyId on the sqs.Queue to a kms.Key of the stack.",
	Sources:  "FSBP SQS.1; cdk-nag AwsSolutions-SQS2; checkov CKV_AWS_27; trivy aws-sqs-enable-queue-encryption",
	Severity: rule.Medium,
	Levels:   rule.StrictInProd,
	Types:    []string{aws.Queue, aws.Key},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.Queue, func(queue rule.Resource) []rule.Finding {
			return s.RequireReference(queue, queue.Get("kmsMasterKeyId"), "the key is not one of this stack", aws.Key)
		})
	},
}

var queueTLSOnly = rule.Rule{
	ID:       "sqs-tls-only",
	Title:    "A queue refuses requests without TLS",
	Why:      "SQS also accepts plain HTTP, on which messages and signatures can be read.",
	Fix:      "Add an sqs.QueuePolicy that denies sqs:* to * when aws:SecureTransport is false.",
	Sources:  "cdk-nag AwsSolutions-SQS4",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.Queue, aws.QueuePolicy},
	Stack:    queues.demandTLS,
}

var queueNotPublic = rule.Rule{
	ID:       "sqs-policy-not-public",
	Title:    "No policy opens a queue or an event bus to everyone",
	Why:      "Anyone could send messages and events, read them or remove them.",
	Fix:      "Name the services, and narrow by aws:SourceArn or aws:SourceAccount.",
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
