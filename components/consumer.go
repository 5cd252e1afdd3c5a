package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/iam"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ssm"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/config"
)

// Architectures of instances, as in the names of images.
const (
	x86      = "x86_64"
	graviton = "arm64"
)

// lookupImage finds the newest Amazon Linux 2023 image, which includes the SSM agent
// and installs packages from S3.
func lookupImage(s scope, architecture string) (pulumi.String, error) {
	found, err := ssm.LookupParameter(s.ctx, &ssm.LookupParameterArgs{Name: "/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-" + architecture})
	if err != nil {
		return "", fmt.Errorf("look up the image for %s: %w", architecture, err)
	}
	return pulumi.String(found.Value), nil
}

// Consumer is the instance from which people query the database. They connect to it
// through Session Manager only.
type Consumer struct {
	pulumi.ResourceState

	// Instance is empty while the stack is paused.
	Instance pulumi.IDOutput `pulumi:"instance"`
}

// ConsumerArgs are the inputs of a Consumer.
type ConsumerArgs struct {
	Environment Environment
	Settings    config.Consumer
	Storage     *Storage
	Network     *Network
	Database    *Database
}

// NewConsumer creates a Consumer.
func NewConsumer(ctx *pulumi.Context, name string, args *ConsumerArgs, opts ...pulumi.ResourceOption) (*Consumer, error) {
	c := &Consumer{}
	s, err := open(ctx, name, c, pulumi.Map{
		"instanceType": pulumi.String(args.Settings.InstanceType),
	}, opts)
	if err != nil {
		return nil, err
	}
	role, err := newRole(s.within("consumer"), roleArgs{
		service:     "ec2.amazonaws.com",
		description: "Registers the consumer with Systems Manager and reads the credentials of the database's reader",
		policy:      consumerPolicy(args),
	})
	if err != nil {
		return nil, err
	}
	if c.Instance, err = newConsumerInstance(s, args, role); err != nil {
		return nil, err
	}
	return c, s.close(c)
}

// newConsumerInstance returns the instance's ID, or an empty one for a paused stack:
// the volume of a stopped instance would still cost money, and it contains no data.
func newConsumerInstance(s scope, args *ConsumerArgs, role *role) (pulumi.IDOutput, error) {
	none := pulumi.ID("").ToIDOutput()
	profile, err := iam.NewInstanceProfile(s.ctx, s.label("consumer"), &iam.InstanceProfileArgs{Role: role.Name}, s.parent)
	if err != nil {
		return none, fmt.Errorf("consumer's profile: %w", err)
	}
	if args.Environment.Paused {
		return none, nil
	}
	architecture, label := x86, s.label("consumer")
	if args.Settings.Graviton() {
		// A different label, because a resource keeps its image, which does not run on the
		// other architecture.
		architecture, label = graviton, s.label("consumer-"+graviton)
	}
	image, err := lookupImage(s, architecture)
	if err != nil {
		return none, err
	}
	instance, err := ec2.NewInstance(s.ctx, label, &ec2.InstanceArgs{
		Ami:                      image,
		InstanceType:             pulumi.String(args.Settings.InstanceType),
		SubnetId:                 args.Network.AppSubnetIDs[0],
		VpcSecurityGroupIds:      pulumi.StringArray{args.Network.SecurityGroups.Consumer},
		AssociatePublicIpAddress: pulumi.Bool(false),
		IamInstanceProfile:       profile.Name,
		EbsOptimized:             pulumi.Bool(true),
		MetadataOptions:          metadataBySession(),
		RootBlockDevice:          encryptedDisk(10, args.Storage.KeyArn),
		UserData:                 userData(args),
		UserDataReplaceOnChange:  pulumi.Bool(true), // It runs at the first start only.
		Tags:                     tagged(s.label("consumer")),
	}, s.parent, role.ready, args.Network.Reachable, args.Database.Ready, // It logs in when it starts.
		// A newer image must not replace the instance.
		pulumi.IgnoreChanges([]string{"ami"}))
	if err != nil {
		return none, fmt.Errorf("consumer: %w", err)
	}
	return instance.ID(), nil
}
