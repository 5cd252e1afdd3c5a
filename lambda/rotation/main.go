// The rotation function: gives the database a new master password when Secrets
// Manager says so. Package rotate says how.
package main

import (
	"context"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"store-events/lambda/rotation/internal/rotate"
)

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	cfg, err := awsconfig.LoadDefaultConfig(context.Background())
	if err != nil {
		log.Error("load the AWS configuration", "error", err)
		os.Exit(1)
	}
	lambda.Start(rotate.Rotation{
		Secrets:   secretsmanager.NewFromConfig(cfg),
		Databases: rds.NewFromConfig(cfg),
		Database:  os.Getenv("STORE_EVENTS_DATABASE"),
		Poll:      5 * time.Second,
	}.Handle)
}
