// Command producer is a Lambda function that generates store events and stores them in
// the events bucket. See package config for its configuration, and package producerapi
// for its payload and response.
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
		o.UsePathStyle = o.BaseEndpoint != nil // Only AWS supports bucket host names.
	})
	lambda.Start(handler{client: client, getenv: os.Getenv, now: time.Now, log: log}.handle)
}

// limitMemory sets Go's memory limit below the function's memory size, in MiB, because
// Lambda kills functions that exceed it.
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
func limitMemory(size string) {
	if n, err := strconv.ParseInt(size, 10, 64); err == nil && n > 0 {
		debug.SetMemoryLimit(n << 20 * 3 / 4)
	}
}
