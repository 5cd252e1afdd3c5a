// The producer function: makes store events and stores them in the events
// bucket. Package config says how it is configured, package producerapi what it
// is asked and answers.
package main

import (
	"context"
	"log/slog"
	"os"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	limitMemory(os.Getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"))
	cfg, err := awsconfig.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Error("load the AWS configuration", "error", err)
		os.Exit(1)
	}
	client := s3.NewFromConfig(cfg, func(o *s3.Options) {
		o.UsePathStyle = o.BaseEndpoint != nil // Another endpoint than AWS has no bucket host names.
	})
	lambda.Start(handler{client: client, getenv: os.Getenv, now: time.Now, log: log}.handle)
}

// limitMemory makes the collector work harder before the function reaches the
// memory that it is given, in MiB: Lambda kills what exceeds it.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
func limitMemory(given string) {
	if n, err := strconv.ParseInt(given, 10, 64); err == nil && n > 0 {
		debug.SetMemoryLimit(n << 20 * 3 / 4)
	}
}
