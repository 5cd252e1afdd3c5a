package components

import (
	"fmt"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/secretsmanager"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/config"
)

// awsSecretsKey is the alias of the AWS managed key of secrets, which every role of
// the account may use through Secrets Manager.
const awsSecretsKey = "aws/secretsmanager"

// secretKey returns the ARN of the customer managed key that encrypts a secret, "" for the
// AWS managed key. Secrets Manager returns the key as it was set, by ARN, ID or alias; IAM
// policies accept only ARNs.
// https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_DescribeSecret.html
func secretKey(ctx *pulumi.Context, env Environment, setting, arn string) (string, error) {
	secret, err := secretsmanager.LookupSecret(ctx, &secretsmanager.LookupSecretArgs{Arn: &arn})
	if err != nil {
		return "", fmt.Errorf("%s:%s: look up secret %s: %w", config.Namespace, setting, arn, err)
	}
	id := secret.KmsKeyId
	_, alias, named := strings.Cut(id, "alias/")
	switch {
	case id == "" || alias == awsSecretsKey:
		return "", nil
	case named:
		found, err := kms.LookupAlias(ctx, &kms.LookupAliasArgs{Name: "alias/" + alias})
		if err != nil {
			return "", fmt.Errorf("%s:%s: look up the key %s of secret %s: %w", config.Namespace, setting, id, arn, err)
		}
		return found.TargetKeyArn, nil
	case strings.HasPrefix(id, "arn:"):
		return id, nil
	default:
		return env.arn("kms", "key/"+id), nil
	}
}
