package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// newKey creates the key of all the stack's data: bucket, database, secrets, logs,
// disks and query results. One key is enough, because they have the same owners; the
// roles' policies decide who may use it.
func newKey(s scope, env Environment) (*kms.Key, error) {
	window := 7
	if env.ProtectData {
		window = 30
	}
	key, err := kms.NewKey(s.ctx, s.label("key"), &kms.KeyArgs{
		Description:          pulumi.String("Encrypts the store events and all data derived from them"),
		EnableKeyRotation:    pulumi.Bool(true),
		DeletionWindowInDays: pulumi.Int(window),
		Policy:               keyPolicy(env),
		Tags:                 env.classified(s.name),
	}, s.parent, env.kept())
	if err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	// Only a prefix, because the alias of a destroyed stack may still exist.
	_, err = kms.NewAlias(s.ctx, s.label("key-alias"), &kms.AliasArgs{
		NamePrefix:  pulumi.String("alias/" + s.name + "-"),
		TargetKeyId: key.KeyId,
	}, s.parent, env.kept())
	return key, err
}

func keyPolicy(env Environment) pulumi.StringOutput {
	return policyDocument(
		statement{
			// Without this statement, nobody could ever change the key. It delegates to
			// IAM: a role can use the key only if the role's policy allows it.
			sid:       "AccountDecidesByIAM",
			principal: pulumi.Map{"AWS": pulumi.String(fmt.Sprintf("arn:%s:iam::%s:root", env.Partition, env.Account))},
			actions:   []string{"kms:*"},
			resources: list("*"), // A key policy's resource is the key itself.
		},
		statement{
			// EventBridge publishes to the encrypted topic of alerts, and to the queue of
			// events that start the workflow. A condition on aws:SourceAccount or
			// aws:SourceArn would prevent it from using the key:
			// https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
			sid:       "AlertsOfFailures",
			principal: service("events.amazonaws.com"),
			actions:   []string{"kms:Decrypt", "kms:GenerateDataKey"},
			resources: list("*"),
		},
		statement{
			// AWS documents it without a condition:
			// https://repost.aws/knowledge-center/cloudwatch-configure-alarm-sns
			sid:       "AlertsOfAlarms",
			principal: service("cloudwatch.amazonaws.com"),
			actions:   []string{"kms:Decrypt", "kms:GenerateDataKey"},
			resources: list("*"),
		},
		statement{
			sid:       "AlertsOfCosts",
			principal: service("budgets.amazonaws.com"),
			actions:   []string{"kms:Decrypt", "kms:GenerateDataKey"},
			resources: list("*"),
			condition: when("StringEquals", "aws:SourceAccount", pulumi.String(env.Account)),
		},
		statement{
			// CloudWatch Logs encrypts log groups with its own principal:
			// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
			sid:       "LogGroupsOfThisAccount",
			principal: service(fmt.Sprintf("logs.%s.amazonaws.com", env.Region)),
			actions: []string{
				"kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo",
				"kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:DescribeKey",
			},
			resources: list("*"),
			condition: when("ArnLike", "kms:EncryptionContext:aws:logs:arn", pulumi.String(env.arn("logs", "log-group:*"))),
		},
	)
}
