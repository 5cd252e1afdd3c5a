package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/kms"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// newKey makes the one key of the stack's data: bucket, database, secret, logs,
// disks and query results. One key, because the same people own all of them;
// the roles' own policies say who may use it.
func newKey(ctx *pulumi.Context, name string, args *StorageArgs, child pulumi.ResourceOption) (*kms.Key, error) {
	window := 7
	if args.Common.ProtectData {
		window = 30
	}
	key, err := kms.NewKey(ctx, name+"-key", &kms.KeyArgs{
		Description:          pulumi.String("Encrypts the store events and everything made from them"),
		EnableKeyRotation:    pulumi.Bool(true),
		DeletionWindowInDays: pulumi.Int(window),
		Policy:               keyPolicy(args.Site),
		Tags:                 classified(name, args.Common),
	}, child, kept(args.Common))
	if err != nil {
		return nil, fmt.Errorf("key: %w", err)
	}
	// A prefix, because the alias of a stack that was destroyed may still be there.
	_, err = kms.NewAlias(ctx, name+"-key-alias", &kms.AliasArgs{
		NamePrefix:  pulumi.String("alias/" + name + "-"),
		TargetKeyId: key.KeyId,
	}, child, kept(args.Common))
	return key, err
}

func keyPolicy(site Site) pulumi.StringOutput {
	return document(
		statement{
			// Without it nobody could ever change the key. It hands the decision to
			// IAM: a role can use the key only if its own policy allows it.
			sid:       "AccountDecidesByIAM",
			principal: pulumi.Map{"AWS": pulumi.String(fmt.Sprintf("arn:%s:iam::%s:root", site.Partition, site.Account))},
			actions:   []string{"kms:*"},
			resources: list("*"), // A key policy's resource is the key itself.
		},
		statement{
			// EventBridge publishes to the encrypted topic of alerts. A condition on
			// aws:SourceAccount or aws:SourceArn would keep it from using the key:
			// https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
			sid:       "AlertsOfFailures",
			principal: service("events.amazonaws.com"),
			actions:   []string{"kms:Decrypt", "kms:GenerateDataKey"},
			resources: list("*"),
		},
		statement{
			sid:       "AlertsOfCosts",
			principal: service("budgets.amazonaws.com"),
			actions:   []string{"kms:Decrypt", "kms:GenerateDataKey"},
			resources: list("*"),
			condition: when("StringEquals", "aws:SourceAccount", pulumi.String(site.Account)),
		},
		statement{
			// CloudWatch Logs encrypts log groups in its own name:
			// https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html
			sid:       "LogGroupsOfThisAccount",
			principal: service(fmt.Sprintf("logs.%s.amazonaws.com", site.Region)),
			actions: []string{
				"kms:Encrypt", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncryptTo",
				"kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext", "kms:DescribeKey",
			},
			resources: list("*"),
			condition: when("ArnLike", "kms:EncryptionContext:aws:logs:arn", pulumi.String(site.arn("logs", "log-group:*"))),
		},
	)
}
