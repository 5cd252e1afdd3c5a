package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sqs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/config"
)

const (
	// retentionSeconds is SQS's maximum, 14 days after a message was sent, even for dead letters.
	// A message must be received maxReceives times within it, even if each call fails: otherwise
	// it expires without becoming a dead letter.
	retentionSeconds = 14 * 24 * 60 * 60
	// deadSeconds is the minimum time that it stays a dead letter, so that there is time to notice it.
	deadSeconds = 24 * 60 * 60
	// maxReceives is how often a message may be received before it becomes a dead
	// letter; 1000 is SQS's maximum. It is received repeatedly during a run.
	maxReceives = 1000
	// receivesPerWait is the number of receives in the longest planned wait: the rest
	// is a reserve.
	receivesPerWait = 900
	// minReceiveSeconds is the minimum time between two receives of a waiting message.
	minReceiveSeconds = 20
	// maxReceiveSeconds is the maximum, without the function's own duration.
	maxReceiveSeconds = (retentionSeconds-deadSeconds)/maxReceives - starterTimeoutSeconds
	// plannedRuns is the number of runs that a message may wait for, within the queue's retention.
	plannedRuns = 3
)

// startQueues are the queue of events that start the workflow, and the dead-letter
// queue for events that were not delivered or were received too often.
type startQueues struct {
	starts, dead *sqs.Queue
	// ready is the option for resources that send to the queues.
	ready pulumi.ResourceOption
}

func newStartQueues(s scope, args *StarterArgs, rule pulumi.StringOutput) (*startQueues, error) {
	dead, err := sqs.NewQueue(s.ctx, s.label("starts-dead"), &sqs.QueueArgs{
		KmsMasterKeyId:          args.Storage.KeyArn,
		MessageRetentionSeconds: pulumi.Int(retentionSeconds),
		Tags:                    args.Environment.classified(s.label("starts-dead")),
	}, s.parent)
	if err != nil {
		return nil, fmt.Errorf("dead-letter queue: %w", err)
	}
	starts, err := sqs.NewQueue(s.ctx, s.label("starts"), &sqs.QueueArgs{
		KmsMasterKeyId:           args.Storage.KeyArn,
		MessageRetentionSeconds:  pulumi.Int(retentionSeconds),
		VisibilityTimeoutSeconds: pulumi.Int(visibilitySeconds(args.Settings)),
		RedrivePolicy: pulumi.JSONMarshal(pulumi.Map{
			"deadLetterTargetArn": dead.Arn, "maxReceiveCount": pulumi.Int(maxReceives),
		}),
		Tags: args.Environment.classified(s.label("starts")),
	}, s.parent)
	if err != nil {
		return nil, fmt.Errorf("queue of starts: %w", err)
	}
	var policies []pulumi.Resource
	for role, queue := range map[string]*sqs.Queue{"starts": starts, "starts-dead": dead} {
		policy, err := sqs.NewQueuePolicy(s.ctx, s.label(role+"-policy"), &sqs.QueuePolicyArgs{
			QueueUrl: queue.Url, Policy: startQueuePolicy(queue.Arn, rule),
		}, s.parent)
		if err != nil {
			return nil, fmt.Errorf("policy of queue %s: %w", role, err)
		}
		policies = append(policies, policy)
	}
	return &startQueues{starts: starts, dead: dead, ready: after(policies...)}, nil
}

// startQueuePolicy allows the rule to send events, and denies requests without TLS.
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-resource-based.html
func startQueuePolicy(queue, rule pulumi.StringOutput) pulumi.StringOutput {
	return policyDocument(
		statement{
			sid: "Arrivals", principal: service("events.amazonaws.com"),
			actions: []string{"sqs:SendMessage"}, resources: pulumi.StringArray{queue},
			condition: when("ArnEquals", "aws:SourceArn", rule),
		},
		tlsOnly("sqs:*", queue),
	)
}

// visibilitySeconds returns the queue's visibility timeout: six times the function's
// timeout plus the batching window.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
func visibilitySeconds(e config.Etl) int { return 6*starterTimeoutSeconds + e.TriggerWindowSeconds }

// pauseSeconds returns the visibility timeout of a message that must wait. With the
// batching window, it keeps the receives of the longest planned wait below
// maxReceives, unless the queue's retention is too short for such a wait: then the
// message becomes a dead letter before it expires.
func pauseSeconds(e config.Etl) int {
	longest := plannedRuns * e.TimeoutMinutes * 60 * (1 + e.MaxRetries)
	interval := min(max(minReceiveSeconds, longest/receivesPerWait), maxReceiveSeconds)
	return max(1, interval-e.TriggerWindowSeconds)
}
