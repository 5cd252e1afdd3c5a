package s3

import (
	"store-events/policy/aws"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

func notificationCases() []Case {
	queue := R(aws.Queue, "queue", Props{})
	notification := func(props Props) []Res { return append(with(aws.BucketNotification, "notification", props), queue) }
	inventory := func(bucket any, encryption Props) []Res {
		return with(aws.BucketInventory, "inventory", Props{"destination": Props{"bucket": Props{"bucketArn": bucket, "encryption": encryption}}})
	}
	return []Case{{
		Rule: "s3-notifications-own", Property: "queues[0].queueArn", On: "notification",
		Compliant: notification(Props{"queues": List{Props{"queueArn": Arn("queue")}}}),
		Violating: notification(Props{"queues": List{Props{"queueArn": "arn:aws:sqs:eu-west-1:1:x"}}}),
		AlsoViolates: map[string][]Res{
			"a function elsewhere":   notification(Props{"lambdaFunctions": List{Props{"lambdaFunctionArn": "arn:aws:lambda:eu-west-1:1:function:x"}}}),
			"an inventory elsewhere": inventory("arn:aws:s3:::partner", Props{"sseKms": Props{"keyId": "arn:aws:kms:eu-west-1:1:key/k"}}),
			"an inventory in clear":  inventory(Arn("bucket"), Props{}),
			"a topic elsewhere":      notification(Props{"topics": List{Props{"topicArn": "arn:aws:sns:eu-west-1:1:x"}}}),
		},
		AlsoPasses: map[string][]Res{
			"EventBridge":   notification(Props{"eventbridge": true}),
			"own inventory": inventory(Arn("bucket"), Props{"sseKms": Props{"keyId": "arn:aws:kms:eu-west-1:1:key/k"}}),
		},
	}}
}
