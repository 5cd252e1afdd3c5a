package components

import (
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/config"
	"store-events/schema"
)

// uploadMarginSeconds is how long the function may still upload events after it stops producing.
const uploadMarginSeconds = 60

// Producer is the function that produces store events.
type Producer struct {
	pulumi.ResourceState

	Function pulumi.StringOutput `pulumi:"function"`
}

// ProducerArgs are the inputs of a Producer.
type ProducerArgs struct {
	Environment Environment
	Settings    config.Producer
	Storage     *Storage
	// Zip is the path of the function's zip on this machine.
	Zip string
}

// NewProducer creates a Producer.
func NewProducer(ctx *pulumi.Context, name string, args *ProducerArgs, opts ...pulumi.ResourceOption) (*Producer, error) {
	p := &Producer{}
	s, err := open(ctx, name, p, pulumi.Map{
		"bucket":    args.Storage.Bucket,
		"memoryMiB": pulumi.Int(args.Settings.MemoryMiB),
	}, opts)
	if err != nil {
		return nil, err
	}
	inner := s.within("producer")
	logs, err := newLogGroup(inner, "log", pulumi.String("/aws/lambda/"+inner.name), args.Environment, args.Storage.KeyArn)
	if err != nil {
		return nil, err
	}
	role, err := newRole(inner, roleArgs{
		service:     "lambda.amazonaws.com",
		description: "Stores the events of the producer",
		policy:      producerPolicy(args, logs.Name),
	})
	if err != nil {
		return nil, err
	}
	f, err := lambda.NewFunction(ctx, inner.name, &lambda.FunctionArgs{
		Name:          pulumi.String(inner.name),
		Description:   pulumi.String("Produces store events and stores them in the events bucket"),
		Role:          role.Arn,
		Runtime:       pulumi.String("provided.al2023"),
		Architectures: list("x86_64"),
		Handler:       pulumi.String("bootstrap"),
		Code:          pulumi.NewFileArchive(args.Zip),
		MemorySize:    pulumi.Int(args.Settings.MemoryMiB),
		Timeout:       pulumi.Int(timeoutSeconds(args.Settings)),
		Environment:   lambda.FunctionEnvironmentArgs{Variables: producerEnvironment(args)},
		KmsKeyArn:     args.Storage.KeyArn,
	}, inner.parent, role.ready)
	if err != nil {
		return nil, fmt.Errorf("producer: %w", err)
	}
	p.Function = f.Name
	return p, s.close(p)
}

// timeoutSeconds returns the function's timeout: Lambda's maximum if the number of
// events, instead of the time, limits it.
func timeoutSeconds(p config.Producer) int {
	if p.Events > 0 {
		return 900
	}
	return int(p.Seconds) + uploadMarginSeconds
}

func producerEnvironment(args *ProducerArgs) pulumi.StringMap {
	p := args.Settings
	return pulumi.StringMap{
		"STORE_EVENTS_BUCKET":           args.Storage.Bucket,
		"STORE_EVENTS_SECONDS":          pulumi.String(strconv.FormatFloat(p.Seconds, 'f', -1, 64)),
		"STORE_EVENTS_COUNT":            pulumi.String(strconv.Itoa(p.Events)),
		"STORE_EVENTS_RATE":             pulumi.String(strconv.Itoa(p.Rate)),
		"STORE_EVENTS_INCOMPLETE_SHARE": pulumi.String(strconv.FormatFloat(p.IncompleteShare, 'f', -1, 64)),
		"STORE_EVENTS_GZIP":             pulumi.String(strconv.FormatBool(p.Gzip)),
		"STORE_EVENTS_BATCH":            pulumi.String(strconv.Itoa(p.Batch)),
	}
}

func producerPolicy(args *ProducerArgs, logGroup pulumi.StringInput) []statement {
	var events pulumi.StringArray
	for _, stream := range schema.Load().Streams {
		events = append(events, args.Environment.bucketArn(args.Storage.Bucket, "/"+stream.Name+"/*"))
	}
	return []statement{
		{sid: "StoreEvents", actions: []string{"s3:PutObject", "s3:AbortMultipartUpload"}, resources: events},
		useKeyThrough(args.Environment, args.Storage.keys(), "s3", "lambda"), // Objects, and the function's environment.
		writeLog(args.Environment, logGroup),
	}
}
