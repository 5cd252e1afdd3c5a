package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/sqs"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/config"
)

const (
	// retentionSeconds is SQS's maximum, 14 days from when a message was sent, for dead letters
	// too. So a message must come back maxReceives times within that time, even if each call
	// fails: otherwise it is gone without a dead letter.
	retentionSeconds = 14 * 24 * 60 * 60
	// deadSeconds is how long it is a dead letter at least, so that somebody sees it.
	deadSeconds = 24 * 60 * 60
	// maxReceives is how often a message may come back before it becomes a dead
	// letter; 1000 is SQS's maximum. A message comes back while a run is under way.
	maxReceives = 1000
	// receivesPerWait are those of the longest wait that is planned for: the rest
	// is a reserve.
	receivesPerWait = 900
	// minReceiveSeconds is the least time from one receipt of a waiting message to
	// the next.
	minReceiveSeconds = 20
	// maxReceiveSeconds is the most, besides the time that the function takes.
	maxReceiveSeconds = (retentionSeconds-deadSeconds)/maxReceives - starterTimeoutSeconds
	// plannedRuns is how many runs a message may have to wait for, unless they take
	// longer than the queue keeps it.
	plannedRuns = 3
)

// startQueues are the queue of events that start the workflow, and the one of those
// that could not be delivered or came back too often.
type startQueues struct {
	starts, dead *sqs.Queue
	// ready is the option of resources that send to the queues.
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

// startQueuePolicy lets the rule send events, and refuses requests without TLS.
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

// visibilitySeconds is how long a message that Lambda has taken stays hidden: six
// times the function's timeout and the time in which a batch is gathered.
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
func visibilitySeconds(e config.Etl) int { return 6*starterTimeoutSeconds + e.TriggerWindowSeconds }

// pauseSeconds is how long a message that has to wait stays hidden. With the time
// in which its next batch is gathered, the longest planned wait takes fewer receipts
// than make it a dead letter, unless that wait is longer than maxReceives receipts can
// last in the queue: then it becomes a dead letter before it is gone.
func pauseSeconds(e config.Etl) int {
	longest := plannedRuns * e.TimeoutMinutes * 60 * (1 + e.MaxRetries)
	interval := min(max(minReceiveSeconds, longest/receivesPerWait), maxReceiveSeconds)
	return max(1, interval-e.TriggerWindowSeconds)
}
