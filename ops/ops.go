package ops

import (
	"context"
	"fmt"
	"log/slog"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"store-events/schema"
)

// Options of New. All may be left out for a stack on AWS.
type Options struct {
	// Credentials are for a stack with an endpoint.
	Credentials aws.Credentials
	Log         *slog.Logger
	// Progress is told what a long operation does, in a few words.
	Progress func(string)
}

// Ops operates one stack.
type Ops struct {
	stack    Stack
	contract schema.Contract
	log      *slog.Logger
	progress func(string)
	polling  polling

	athena  *athena.Client
	ec2     *ec2.Client
	glue    *glue.Client
	lambda  *lambda.Client
	logs    *cloudwatchlogs.Client
	rds     *rds.Client
	s3      *s3.Client
	secrets *secretsmanager.Client
	ssm     *ssm.Client
}

// New opens a stack. On AWS the caller's credentials are found in the usual
// places; another endpoint gets only those of the options.
func New(ctx context.Context, stack Stack, o Options) (*Ops, error) {
	cfg, err := awsConfig(ctx, stack, o.Credentials)
	if err != nil {
		return nil, fmt.Errorf("load the AWS configuration: %w", err)
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	if o.Progress == nil {
		o.Progress = func(string) {}
	}
	return &Ops{
		stack: stack, contract: schema.Load(), log: o.Log, progress: o.Progress, polling: pollingOf(stack),
		athena:  athena.NewFromConfig(cfg),
		ec2:     ec2.NewFromConfig(cfg),
		glue:    glue.NewFromConfig(cfg),
		lambda:  lambda.NewFromConfig(cfg),
		logs:    cloudwatchlogs.NewFromConfig(cfg),
		rds:     rds.NewFromConfig(cfg),
		s3:      s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = stack.Endpoint != "" }),
		secrets: secretsmanager.NewFromConfig(cfg),
		ssm:     ssm.NewFromConfig(cfg),
	}, nil
}

func awsConfig(ctx context.Context, stack Stack, c aws.Credentials) (aws.Config, error) {
	if stack.Endpoint == "" {
		return config.LoadDefaultConfig(ctx, config.WithRegion(stack.Region))
	}
	return aws.Config{
		Region:       stack.Region,
		BaseEndpoint: aws.String(stack.Endpoint),
		Credentials:  credentials.StaticCredentialsProvider{Value: c},
	}, nil
}

func (o *Ops) say(format string, args ...any) { o.progress(fmt.Sprintf(format, args...)) }
