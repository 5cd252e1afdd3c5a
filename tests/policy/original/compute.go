package original

import (
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/lambda"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// producer writes one object per event; Lambda creates its log group.
func producer(ctx *pulumi.Context) {
	role := newRole(ctx, "producer", "lambda.amazonaws.com", "service-role/AWSLambdaBasicExecutionRole")
	must(lambda.NewFunction(ctx, "producer", &lambda.FunctionArgs{
		Role: role.Arn, Runtime: pulumi.String("python3.7"), Handler: pulumi.String("stream_data_producer.lambda_handler"),
		Code: pulumi.NewAssetArchive(map[string]any{
			"stream_data_producer.py": pulumi.NewStringAsset("def lambda_handler(event, context): ...\n"),
		}),
		Environment: lambda.FunctionEnvironmentArgs{Variables: pulumi.StringMap{"STORE_EVENTS_BKT": pulumi.String(bucketName)}},
	}))
}

// consumer may read every bucket of the account.
func consumer(ctx *pulumi.Context, n network) {
	role := newRole(ctx, "consumer", "ec2.amazonaws.com", "AmazonS3ReadOnlyAccess")
	must(iam.NewRolePolicyAttachment(ctx, "consumer-ssm", &iam.RolePolicyAttachmentArgs{
		Role: role.Name, PolicyArn: pulumi.String("arn:aws:iam::aws:policy/AmazonSSMManagedInstanceCore"),
	}))
	profile := must(iam.NewInstanceProfile(ctx, "consumer", &iam.InstanceProfileArgs{Role: role.Name}))
	must(ec2.NewInstance(ctx, "consumer", &ec2.InstanceArgs{
		Ami: pulumi.String("ami-0123456789abcdef0"), InstanceType: pulumi.String("t2.micro"),
		SubnetId: n.app[0].ID(), IamInstanceProfile: profile.Name,
	}))
}
