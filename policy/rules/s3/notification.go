package s3

import (
	"store-events/policy/aws"
	"store-events/policy/rule"
	"store-events/policy/value"
)

// notified are the targets of a bucket's notifications: the list, the property of an
// element, and the type.
var notified = [][3]string{
	{"lambdaFunctions", "lambdaFunctionArn", aws.Function},
	{"queues", "queueArn", aws.Queue},
	{"topics", "topicArn", aws.Topic},
}

var notificationsOwn = rule.Rule{
	ID:       "s3-notifications-own",
	Title:    "Notifications and inventories of S3 buckets go only to resources of this stack, and inventories are encrypted",
	Why:      "A target outside the stack receives the names of all objects.",
	Fix:      "Use functions, queues and topics of the stack in the s3.BucketNotification, or set Eventbridge: pulumi.Bool(true); use a bucket of the stack in the s3.Inventory, with SseKms.",
	Sources:  "project",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.BucketNotification, aws.BucketInventory, aws.Bucket, aws.Function, aws.Queue, aws.Topic},
	Stack: func(s rule.Stack) []rule.Finding {
		lists := s.Each(aws.BucketInventory, func(i rule.Resource) []rule.Finding {
			to := i.Get("destination", "bucket")
			return append(s.RequireReference(i, to.Get("bucketArn"), "the inventory goes to a bucket outside this stack", aws.Bucket),
				rule.RequireGiven(to.Get("encryption", "sseKms", "keyId"), "the inventory is not encrypted with a KMS key")...)
		})
		return append(lists, s.Each(aws.BucketNotification, func(n rule.Resource) []rule.Finding {
			var findings []rule.Finding
			for _, kind := range notified {
				findings = append(findings, rule.Each(n.Get(kind[0]), func(target value.Value) []rule.Finding {
					return s.RequireReference(n, target.Get(kind[1]), "the target is not in this stack", kind[2])
				})...)
			}
			return findings
		})...)
	},
}
