// Command starter is a Lambda function that adds new objects from the queue to the
// feed, and starts the workflow. Package pipeline reads the state of current runs.
package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/smithy-go/middleware"

	"store-events/lambda/starter/internal/pipeline"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	settings, err := readSettings(os.Getenv)
	if err != nil {
		log.Error("invalid configuration", "error", err)
		os.Exit(1)
	}
	cfg, err := awsconfig.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Error("load the AWS configuration", "error", err)
		os.Exit(1)
	}
	objects := s3.NewFromConfig(cfg, func(o *s3.Options) {
		o.UsePathStyle = o.BaseEndpoint != nil // Only AWS supports bucket host names.
	})
	h := handler{
		settings: settings,
		pipeline: pipeline.Pipeline{Glue: glue.NewFromConfig(cfg), Workflow: settings.workflow, Job: settings.job},
		queue:    newQueue(cfg),
		feed:     feed{storage: objects, bucket: settings.bucket},
		now:      time.Now,
		log:      log,
	}
	lambda.Start(h.handle)
}

// newQueue returns a client that sends messages without the trace header of the current call. Lambda counts by this
// header how often a message has led to another call, and drops a batch with a chain of about 16 calls as a loop. But a
// reminder that replaces a worn one is intended, and under steady load there are more replacements.
// https://docs.aws.amazon.com/lambda/latest/dg/invocation-recursion.html
func newQueue(cfg aws.Config) *sqs.Client {
	return sqs.NewFromConfig(cfg, sqs.WithAPIOptions(func(s *middleware.Stack) error {
		_, err := s.Build.Remove((&awsmiddleware.RecursionDetection{}).ID())
		return err
	}))
}
