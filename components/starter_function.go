package components

import (
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/schema"
)

const (
	// starterTimeoutSeconds is enough for a few calls of S3, SQS and Glue. It includes five
	// seconds to delete messages if Glue does not respond.
	starterTimeoutSeconds = 15
	// starterConcurrency is Lambda's minimum for the concurrency of a queue's
	// pollers.
	starterConcurrency = 2
)

// newFunction creates the function and the mapping that invokes it with the queue's
// messages. It is not in the VPC, because it only calls AWS APIs.
func (st *Starter) newFunction(s scope, args *StarterArgs, queues *startQueues) (pulumi.Resource, error) {
	logs, err := newLogGroup(s, "log", pulumi.String("/aws/lambda/"+s.name), args.Environment, args.Storage.KeyArn)
	if err != nil {
		return nil, err
	}
	role, err := newRole(s, roleArgs{
		service:     "lambda.amazonaws.com",
		description: "Starts the workflow when objects arrive",
		policy:      starterPolicy(args, queues.starts.Arn, logs.Name),
	})
	if err != nil {
		return nil, err
	}
	f, err := lambda.NewFunction(s.ctx, s.name, &lambda.FunctionArgs{
		Name:          pulumi.String(s.name),
		Description:   pulumi.String("Starts the store events workflow when objects arrive"),
		Role:          role.Arn,
		Runtime:       pulumi.String("provided.al2023"),
		Architectures: list("x86_64"),
		Handler:       pulumi.String("bootstrap"),
		Code:          pulumi.NewFileArchive(args.Zip),
		Timeout:       pulumi.Int(starterTimeoutSeconds),
		KmsKeyArn:     args.Storage.KeyArn,
		Environment: lambda.FunctionEnvironmentArgs{Variables: pulumi.StringMap{
			"STORE_EVENTS_WORKFLOW":      args.Etl.Workflow,
			"STORE_EVENTS_JOB":           args.Etl.Job,
			"STORE_EVENTS_BUCKET":        args.Storage.Bucket,
			"STORE_EVENTS_QUEUE":         queues.starts.Url,
			"STORE_EVENTS_PAUSE_SECONDS": pulumi.String(strconv.Itoa(pauseSeconds(args.Settings))),
		}},
	}, s.parent, role.ready)
	if err != nil {
		return nil, fmt.Errorf("starter: %w", err)
	}
	st.Function = f.Name
	spec := &lambda.EventSourceMappingArgs{
		EventSourceArn:                 queues.starts.Arn,
		FunctionName:                   f.Arn,
		BatchSize:                      pulumi.Int(args.Settings.TriggerBatch),
		MaximumBatchingWindowInSeconds: pulumi.Int(args.Settings.TriggerWindowSeconds),
		// The function returns the messages to retry later.
		FunctionResponseTypes: list("ReportBatchItemFailures"),
		ScalingConfig:         lambda.EventSourceMappingScalingConfigArgs{MaximumConcurrency: pulumi.Int(starterConcurrency)},
	}
	if args.Environment.Paused {
		spec.Enabled = pulumi.Bool(false) // The events wait in the queue.
	}
	mapping, err := lambda.NewEventSourceMapping(s.ctx, s.label("starts"), spec, s.parent, role.ready, queues.ready)
	if err != nil {
		return nil, fmt.Errorf("starter's queue: %w", err)
	}
	return mapping, nil
}

// starterPolicy returns the function's permissions. Lambda polls the queue with the
// same role:
// https://docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html
func starterPolicy(args *StarterArgs, queue, logGroup pulumi.StringInput) []statement {
	env, feed := args.Environment, schema.Load().Prefixes.Feed+"/"
	return []statement{
		{
			sid:       "TakeMessages",
			actions:   []string{"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility"},
			resources: pulumi.StringArray{queue},
		},
		{sid: "Remind", actions: []string{"sqs:SendMessage"}, resources: pulumi.StringArray{queue}},
		{sid: "WriteFeed", actions: []string{"s3:PutObject"}, resources: pulumi.StringArray{env.bucketArn(args.Storage.Bucket, "/"+feed+"*")}},
		{
			sid: "SeeFeed", actions: []string{"s3:ListBucket"}, resources: pulumi.StringArray{env.bucketArn(args.Storage.Bucket, "")},
			condition: when("StringEquals", "s3:prefix", pulumi.String(feed)),
		},
		{
			sid:       "StartWorkflow",
			actions:   []string{"glue:StartWorkflowRun", "glue:GetWorkflow", "glue:GetWorkflowRun"},
			resources: pulumi.StringArray{env.arnOf("glue", "workflow/%s", args.Etl.Workflow)},
		},
		{
			sid:       "SeeRuns",
			actions:   []string{"glue:GetJobRuns"},
			resources: pulumi.StringArray{env.arnOf("glue", "job/%s", args.Etl.Job)},
		},
		useKeyThrough(env, args.Storage.keys(), "sqs", "s3", "lambda"), // Messages, the feed, and the function's environment.
		writeLog(env, logGroup),
	}
}
