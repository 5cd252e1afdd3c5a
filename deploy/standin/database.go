package standin

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"

	"store-events/config"
)

// secrets makes a secret in place of each that the configuration names. Nobody can
// log in by them.
func secrets(ctx context.Context, cfg aws.Config, to map[string]string, wanted config.Database) error {
	client := secretsmanager.NewFromConfig(cfg)
	for setting, arn := range map[string]string{
		"databaseSecretArn": wanted.SecretArn, "databaseLoaderSecretArn": wanted.LoaderSecretArn, "databaseReaderSecretArn": wanted.ReaderSecretArn,
	} {
		if arn == "" {
			continue
		}
		made, err := client.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: &setting, SecretString: aws.String("{}")})
		if err != nil {
			return fmt.Errorf("make a secret in the AWS on this machine: %w", err)
		}
		to[key(setting)] = *made.ARN
	}
	return nil
}
