package components

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/schema"
)

// consumerPolicy returns the consumer's permissions.
func consumerPolicy(args *ConsumerArgs) []statement {
	env := args.Environment
	return append(decryptSecrets(env, args.Database.keys...), []statement{
		{
			sid:       "ReadLogin",
			actions:   []string{"secretsmanager:GetSecretValue"},
			resources: pulumi.StringArray{args.Database.ReaderSecretArn},
		},
		{
			sid:       "ReadAuthorities",
			actions:   []string{"s3:GetObject"},
			resources: pulumi.StringArray{args.Storage.AuthoritiesArn},
		},
		useKeyThrough(env, args.Storage.keys(), "s3", "secretsmanager"),
		{
			// Results of statements. Large ones are multipart uploads, which are aborted if they fail.
			sid:       "StoreCommandOutput",
			actions:   []string{"s3:PutObject", "s3:AbortMultipartUpload"},
			resources: pulumi.StringArray{env.bucketArn(args.Storage.Bucket, "/"+schema.Load().Prefixes.CommandOutput+"/*")},
		},
		{
			sid:       "RegisterWithSSM",
			actions:   []string{"ssm:UpdateInstanceInformation"},
			resources: list(env.arn("ec2", "instance/*")), // For the agent; the instance's ID is not known in advance.
		},
		{
			// The agent's message channels have no resources to limit to:
			// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonsessionmanagermessagegatewayservice.html
			sid: "TalkToSSM",
			actions: []string{
				"ssmmessages:CreateControlChannel", "ssmmessages:CreateDataChannel",
				"ssmmessages:OpenControlChannel", "ssmmessages:OpenDataChannel",
			},
			resources: list("*"),
		},
	}...)
}
