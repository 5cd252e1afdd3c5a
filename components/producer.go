package components

import (
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/cloudwatch"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/config"
	"store-events/schema"
)

// uploadMarginSeconds is how long the function may still store events after the
// time that it produces.
const uploadMarginSeconds = 60

// Producer is the function that makes store events.
type Producer struct {
	pulumi.ResourceState

	Function pulumi.StringOutput
}

// ProducerArgs are the inputs of a Producer.
type ProducerArgs struct {
	Site     Site
	Common   config.Common
	Producer config.Producer
	Bucket   pulumi.StringInput
	KeyArn   pulumi.StringInput
	// Package is the path of the function's zip on this machine.
	Package string
}

// NewProducer makes a Producer.
func NewProducer(ctx *pulumi.Context, name string, args *ProducerArgs, opts ...pulumi.ResourceOption) (*Producer, error) {
	p := &Producer{}
	child, err := register(ctx, "Producer", name, pulumi.Map{
		"bucket":    args.Bucket,
		"memoryMiB": pulumi.Int(args.Producer.MemoryMiB),
	}, p, opts)
	if err != nil {
		return nil, err
	}
	function := name + "-producer"
	logs, err := cloudwatch.NewLogGroup(ctx, name+"-producer-log", &cloudwatch.LogGroupArgs{
		Name:            pulumi.String("/aws/lambda/" + function),
		RetentionInDays: pulumi.Int(args.Common.LogRetentionDays),
		KmsKeyId:        args.KeyArn,
	}, child)
	if err != nil {
		return nil, fmt.Errorf("producer's log group: %w", err)
	}
	role, err := newRole(ctx, name+"-producer", roleArgs{
		service:     "lambda.amazonaws.com",
		description: "Stores the events that the producer makes",
		policy:      producerPolicy(args, logs.Name),
	}, child)
	if err != nil {
		return nil, err
	}
	f, err := lambda.NewFunction(ctx, name+"-producer", &lambda.FunctionArgs{
		Name:          pulumi.String(function),
		Description:   pulumi.String("Produces store events into the events bucket"),
		Role:          role.Arn,
		Runtime:       pulumi.String("provided.al2023"),
		Architectures: list("x86_64"),
		Handler:       pulumi.String("bootstrap"),
		Code:          pulumi.NewFileArchive(args.Package),
		MemorySize:    pulumi.Int(args.Producer.MemoryMiB),
		Timeout:       pulumi.Int(timeoutSeconds(args.Producer)),
		Environment:   lambda.FunctionEnvironmentArgs{Variables: producerEnvironment(args)},
		KmsKeyArn:     args.KeyArn,
	}, child, role.ready)
	if err != nil {
		return nil, fmt.Errorf("producer: %w", err)
	}
	p.Function = f.Name
	return p, ctx.RegisterResourceOutputs(p, pulumi.Map{"function": p.Function})
}

// timeoutSeconds: a run by number of events has no time limit, so it gets all that
// Lambda gives.
func timeoutSeconds(p config.Producer) int {
	if p.Events > 0 {
		return 900
	}
	return int(p.Seconds) + uploadMarginSeconds
}

func producerEnvironment(args *ProducerArgs) pulumi.StringMap {
	p := args.Producer
	return pulumi.StringMap{
		"STORE_EVENTS_BUCKET":    args.Bucket,
		"STORE_EVENTS_SECONDS":   pulumi.String(strconv.FormatFloat(p.Seconds, 'f', -1, 64)),
		"STORE_EVENTS_COUNT":     pulumi.String(strconv.Itoa(p.Events)),
		"STORE_EVENTS_RATE":      pulumi.String(strconv.Itoa(p.Rate)),
		"STORE_EVENTS_BAD_SHARE": pulumi.String(strconv.FormatFloat(p.BadShare, 'f', -1, 64)),
		"STORE_EVENTS_GZIP":      pulumi.String(strconv.FormatBool(p.Gzip)),
		"STORE_EVENTS_BATCH":     pulumi.String(strconv.Itoa(p.Batch)),
	}
}

func producerPolicy(args *ProducerArgs, logGroup pulumi.StringInput) []statement {
	var events pulumi.StringArray
	for _, stream := range schema.Load().Streams {
		events = append(events, args.Site.bucketArn(args.Bucket, "/"+stream.Name+"/*"))
	}
	return []statement{
		{sid: "StoreEvents", actions: []string{"s3:PutObject", "s3:AbortMultipartUpload"}, resources: events},
		useKeyThrough(args.Site, args.KeyArn, "s3", "lambda"), // Objects, and the function's environment.
		{
			sid:       "WriteLogs",
			actions:   []string{"logs:CreateLogStream", "logs:PutLogEvents"},
			resources: pulumi.StringArray{args.Site.arnOf("logs", "log-group:%s:*", logGroup)},
		},
	}
}
