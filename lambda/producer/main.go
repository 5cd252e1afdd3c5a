// The producer function: makes store events and stores them in the events
// bucket. Package config says how it is configured, package protocol what it
// is asked and answers.
package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
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
