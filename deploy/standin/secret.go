package standin

import (
	"context"
	"crypto/rand"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// secrets creates a secret for each setting, without valid credentials.
func secrets(ctx context.Context, cfg aws.Config, to map[string]string, of ...string) error {
	client := secretsmanager.NewFromConfig(cfg)
	for _, setting := range of {
		made, err := client.CreateSecret(ctx, &secretsmanager.CreateSecretInput{Name: aws.String(setting + "-" + rand.Text()), SecretString: aws.String("{}")})
		if err != nil {
			return fmt.Errorf("create a secret in the local AWS: %w", err)
		}
		to[key(setting)] = *made.ARN
	}
	return nil
}
