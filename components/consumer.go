package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/config"
	"store-events/schema"
)

// imageParameter names the newest Amazon Linux 2023 image for x86-64, whose
// packages come from S3 and whose SSM agent is installed.
const imageParameter = "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-x86_64"

// Consumer is the instance from which people query the database. It is reached
// through Session Manager only.
type Consumer struct {
	pulumi.ResourceState

	Instance pulumi.IDOutput
}

// ConsumerArgs are the inputs of a Consumer.
type ConsumerArgs struct {
	Site     Site
	Consumer config.Consumer
	Storage  *Storage
	Network  *Network
	Database *Database
}

// NewConsumer makes a Consumer.
func NewConsumer(ctx *pulumi.Context, name string, args *ConsumerArgs, opts ...pulumi.ResourceOption) (*Consumer, error) {
	c := &Consumer{}
	child, err := register(ctx, "Consumer", name, pulumi.Map{
		"instanceType": pulumi.String(args.Consumer.InstanceType),
	}, c, opts)
	if err != nil {
		return nil, err
	}
	role, err := newRole(ctx, name+"-consumer", roleArgs{
		service:     "ec2.amazonaws.com",
		description: "Lets the consumer be managed by SSM and read the login of the database's reader",
		policy:      consumerPolicy(args),
	}, child)
	if err != nil {
		return nil, err
	}
	profile, err := iam.NewInstanceProfile(ctx, name+"-consumer", &iam.InstanceProfileArgs{Role: role.Name}, child)
	if err != nil {
		return nil, fmt.Errorf("consumer's profile: %w", err)
	}
	image, err := ssm.LookupParameter(ctx, &ssm.LookupParameterArgs{Name: imageParameter})
	if err != nil {
		return nil, fmt.Errorf("look up the consumer's image: %w", err)
	}
	instance, err := ec2.NewInstance(ctx, name+"-consumer", &ec2.InstanceArgs{
		Ami:                      pulumi.String(image.Value),
		InstanceType:             pulumi.String(args.Consumer.InstanceType),
		SubnetId:                 args.Network.AppSubnets[0].ID(),
		VpcSecurityGroupIds:      pulumi.StringArray{args.Network.Groups.Consumer.ID()},
		AssociatePublicIpAddress: pulumi.Bool(false),
		IamInstanceProfile:       profile.Name,
		EbsOptimized:             pulumi.Bool(true),
		MetadataOptions: ec2.InstanceMetadataOptionsArgs{
			HttpEndpoint:            pulumi.String("enabled"),
			HttpTokens:              pulumi.String("required"),
			HttpPutResponseHopLimit: pulumi.Int(1),
		},
		RootBlockDevice: ec2.InstanceRootBlockDeviceArgs{
			VolumeType: pulumi.String("gp3"),
			VolumeSize: pulumi.Int(10),
			Encrypted:  pulumi.Bool(true),
			KmsKeyId:   args.Storage.KeyArn,
		},
		UserData:                userData(args),
		UserDataReplaceOnChange: pulumi.Bool(true), // It runs at the first start only.
		Tags:                    tagged(name + "-consumer"),
	}, child, role.ready, args.Network.Reachable, args.Database.Ready, // It logs in when it starts.
		// A newer image must not replace the instance.
		pulumi.IgnoreChanges([]string{"ami"}))
	if err != nil {
		return nil, fmt.Errorf("consumer: %w", err)
	}
	c.Instance = instance.ID()
	return c, ctx.RegisterResourceOutputs(c, pulumi.Map{"instance": c.Instance})
}

func consumerPolicy(args *ConsumerArgs) []statement {
	site := args.Site
	return []statement{
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
		useKey(args.Storage.KeyArn),
		{
			// Answers of commands that are too long for SSM's own. The agent puts them
			// with an ACL, and a missing permission for it is told nowhere.
			sid:       "StoreCommandOutput",
			actions:   []string{"s3:PutObject", "s3:PutObjectAcl"},
			resources: pulumi.StringArray{site.bucketArn(args.Storage.Bucket, "/"+schema.Load().Prefixes.CommandOutput+"/*")},
		},
		{
			sid:       "RegisterWithSSM",
			actions:   []string{"ssm:UpdateInstanceInformation"},
			resources: list(site.arn("ec2", "instance/*")), // The agent's own; its id is not known before.
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
	}
}
