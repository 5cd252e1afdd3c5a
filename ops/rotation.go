package ops

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
)

// IncompleteRotations returns the ARNs of the secrets whose rotation by the stack's function has begun and not ended.
// Secrets Manager then refuses to configure the rotation until the version with the label AWSPENDING has become the
// current one:
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_RotateSecret.html
func (o *Ops) IncompleteRotations(ctx context.Context) ([]string, error) {
	var found []string
	for _, arn := range o.stack.LoginARNs {
		secret, err := o.secrets.DescribeSecret(ctx, &secretsmanager.DescribeSecretInput{SecretId: &arn})
		if err != nil {
			return nil, fmt.Errorf("describe secret %s: %w", arn, err)
		}
		own := strings.HasSuffix(aws.ToString(secret.RotationLambdaARN), ":"+o.stack.Workflow+"-rotation") // Both names begin with the stack's.
		if own && aws.ToBool(secret.RotationEnabled) && incomplete(secret.VersionIdsToStages) {
			found = append(found, arn)
		}
	}
	return found, nil
}

func incomplete(versions map[string][]string) bool {
	for _, labels := range versions {
		if slices.Contains(labels, "AWSPENDING") && !slices.Contains(labels, "AWSCURRENT") {
			return true
		}
	}
	return false
}
