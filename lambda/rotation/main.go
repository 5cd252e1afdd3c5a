// Command rotation is a Lambda function that creates the database users except the
// master, and rotates passwords for Secrets Manager. See package rotate.
package main

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"log/slog"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"store-events/lambda/rdstls"
	"store-events/lambda/rotation/internal/dbuser"
	"store-events/lambda/rotation/internal/rotate"
)

// attempts is the number of attempts of a call of AWS. Without a route, each ends after 30 seconds, so they last as
// long as the function's timeout: a NAT instance that was just created forwards nothing for a minute or two.
const attempts = 10

func main() {
	log := slog.New(slog.NewJSONHandler(os.Stdout, nil))
	cfg, err := awsconfig.LoadDefaultConfig(context.Background(), awsconfig.WithRetryMaxAttempts(attempts))
	if err != nil {
		log.Error("load the AWS configuration", "error", err)
		os.Exit(1)
	}
	var grants map[string]dbuser.Grants
	if err := json.Unmarshal([]byte(os.Getenv("STORE_EVENTS_GRANTS")), &grants); err != nil {
		log.Error("read STORE_EVENTS_GRANTS", "error", err)
		os.Exit(1)
	}
	objects := s3.NewFromConfig(cfg, func(o *s3.Options) {
		o.UsePathStyle = o.BaseEndpoint != nil // Only AWS supports bucket host names.
	})
	rotation := rotate.Rotation{
		Secrets: secretsmanager.NewFromConfig(cfg),
		Server: dbuser.Server{TLS: func(ctx context.Context, host string) (*tls.Config, error) {
			return rdstls.Read(ctx, objects, os.Getenv("STORE_EVENTS_AUTHORITIES"), host)
		}},
		Grants: grants,
		Pause:  5 * time.Second,
	}
	lambda.Start(func(ctx context.Context, e rotate.Event) error {
		err := rotation.Handle(ctx, e)
		log.Info("step", "step", e.Step, "secret", e.SecretID, "error", err)
		return err
	})
}
