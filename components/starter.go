package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/s3"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/config"
	"store-events/schema"
)

// Starter starts the workflow when objects arrive below the streams: S3 notifies
// EventBridge, a rule sends the events to a queue, and a function that Lambda calls
// with batches of them starts the workflow.
//
// Glue has its own triggers for events of EventBridge, but AWS does not
// guarantee their delivery, and a batch has at most 100 events:
// https://docs.aws.amazon.com/glue/latest/dg/starting-workflow-eventbridge.html
type Starter struct {
	pulumi.ResourceState

	Function pulumi.StringOutput `pulumi:"function"`
	// QueueURL and DeadLettersURL are the queues' URLs.
	QueueURL, DeadLettersURL pulumi.StringOutput
	// Queue and DeadLetters are the names of the queue of events and of its dead-letter queue.
	Queue       pulumi.StringOutput `pulumi:"queue"`
	DeadLetters pulumi.StringOutput `pulumi:"deadLetters"`
}

// StarterArgs are the inputs of a Starter.
type StarterArgs struct {
	Environment Environment
	Settings    config.Etl
	Storage     *Storage
	Etl         *Etl
	// Zip is the path of the function's zip on this machine.
	Zip string
}

// NewStarter creates a Starter.
func NewStarter(ctx *pulumi.Context, name string, args *StarterArgs, opts ...pulumi.ResourceOption) (*Starter, error) {
	st := &Starter{}
	s, err := open(ctx, name, st, pulumi.Map{
		"bucket":        args.Storage.Bucket,
		"workflow":      args.Etl.Workflow,
		"windowSeconds": pulumi.Int(args.Settings.TriggerWindowSeconds),
		"batch":         pulumi.Int(args.Settings.TriggerBatch),
	}, opts)
	if err != nil {
		return nil, err
	}
	rule, err := newArrivals(s, args)
	if err != nil {
		return nil, err
	}
	queues, err := newStartQueues(s, args, rule.Arn)
	if err != nil {
		return nil, err
	}
	st.Queue, st.QueueURL = queues.starts.Name, queues.starts.Url
	st.DeadLetters, st.DeadLettersURL = queues.dead.Name, queues.dead.Url
	mapping, err := st.newFunction(s.within("starter"), args, queues)
	if err != nil {
		return nil, err
	}
	target, err := cloudwatch.NewEventTarget(ctx, s.label("arrivals"), &cloudwatch.EventTargetArgs{
		Rule: rule.Name,
		Arn:  queues.starts.Arn,
		// For events that EventBridge cannot deliver within a day.
		DeadLetterConfig: cloudwatch.EventTargetDeadLetterConfigArgs{Arn: queues.dead.Arn},
	}, s.parent, queues.ready)
	if err != nil {
		return nil, fmt.Errorf("target of arrivals: %w", err)
	}
	if args.Storage.existing() { // Its notifications belong to its owner: docs/existing.md.
		return st, s.close(st)
	}
	// Created last, so that the rest is ready for the first event.
	_, err = s3.NewBucketNotification(ctx, s.label("events-notification"), &s3.BucketNotificationArgs{
		Bucket:      args.Storage.Bucket,
		Eventbridge: pulumi.Bool(true),
	}, s.parent, after(target, mapping))
	if err != nil {
		return nil, fmt.Errorf("notification of the events bucket: %w", err)
	}
	return st, s.close(st)
}

// newArrivals creates the rule for new objects below the streams. The job writes to
// other prefixes only, so a run cannot start another one.
// https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
func newArrivals(s scope, args *StarterArgs) (*cloudwatch.EventRule, error) {
	prefixes, err := arrivalPrefixes(schema.Load().StreamNames())
	if err != nil {
		return nil, err
	}
	rule, err := cloudwatch.NewEventRule(s.ctx, s.label("arrivals"), &cloudwatch.EventRuleArgs{
		Description: pulumi.String("New objects in the streams"),
		EventPattern: pulumi.JSONMarshal(pulumi.Map{
			"source":      list("aws.s3"),
			"detail-type": list("Object Created"),
			"detail": pulumi.Map{
				"bucket": pulumi.Map{"name": pulumi.StringArray{args.Storage.Bucket}},
				"object": pulumi.Map{"key": prefixes},
			},
		}),
	}, s.parent)
	if err != nil {
		return nil, fmt.Errorf("rule of arrivals: %w", err)
	}
	return rule, nil
}

// arrivalPrefixes returns the patterns of the streams' keys. It returns an error if the rule's pattern is too
// long for EventBridge, which the provider does not check:
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-quota.html
func arrivalPrefixes(streams []string) (pulumi.Array, error) {
	const (
		longest = 2048 // Characters of a pattern, by default.
		rest    = 170  // Characters besides the prefixes, with the longest name of a bucket.
		each    = len(`{"prefix":"/"},`)
	)
	var prefixes pulumi.Array
	size := rest
	for _, stream := range streams {
		prefixes = append(prefixes, pulumi.Map{"prefix": pulumi.String(stream + "/")})
		size += each + len(stream)
	}
	if size > longest {
		return nil, fmt.Errorf("trigger: the names of %d streams need a pattern of %d characters, and EventBridge allows %d: use shorter names or fewer streams, or set trigger to schedule",
			len(streams), size, longest)
	}
	return prefixes, nil
}
