package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/schema"
)

// endpointServices are the AWS APIs that job, crawler's connection and consumer
// call from inside the VPC; the last two are Session Manager's. Its older channel,
// ec2messages, is needed by agents before 3.3.40 only, and regions opened since
// 2024 do not offer it:
// https://docs.aws.amazon.com/systems-manager/latest/userguide/systems-manager-setting-up-messageAPIs.html
var endpointServices = []string{
	"secretsmanager", "glue", "logs", "kms", "sts", "monitoring", "ssm", "ssmmessages",
}

// s3Endpoint is the way of the app subnets to S3; it costs nothing.
func (n *Network) s3Endpoint(ctx *pulumi.Context, name string, args *NetworkArgs, tables []*ec2.RouteTable, child pulumi.ResourceOption) (*ec2.VpcEndpoint, error) {
	ids := make(pulumi.StringArray, len(tables))
	for i, t := range tables {
		ids[i] = t.ID()
	}
	e, err := ec2.NewVpcEndpoint(ctx, name+"-s3", &ec2.VpcEndpointArgs{
		VpcId:           n.VpcID,
		ServiceName:     pulumi.String(fmt.Sprintf("com.amazonaws.%s.s3", args.Site.Region)),
		VpcEndpointType: pulumi.String("Gateway"),
		RouteTableIds:   ids,
		Policy:          s3EndpointPolicy(args),
		Tags:            tagged(name + "-s3"),
	}, child)
	if err != nil {
		return nil, fmt.Errorf("s3 endpoint: %w", err)
	}
	n.waysOut = append(n.waysOut, e)
	return e, nil
}

// publishedBuckets are the buckets in which AWS keeps what Glue and the instance
// need, for a region. They belong to accounts of AWS that it does not name, so
// they are listed by their whole names: anyone may have a bucket that matches a
// pattern such as aws-glue-*, and data could leave or enter through it.
// https://docs.aws.amazon.com/systems-manager/latest/userguide/ssm-agent-minimum-s3-permissions.html
// https://docs.aws.amazon.com/linux/al2023/ug/deterministic-upgrades.html
var publishedBuckets = []string{
	"aws-glue-jes-prod-%s-assets", // Glue's own libraries.
	"al2023-repos-%s-de612dc2",    // Packages of Amazon Linux.
	"amazon-ssm-%s",               // Updates of the SSM agent; its plug-ins below.
	"aws-ssm-%s",
	"amazon-ssm-packages-%s",
	"%s-birdwatcher-prod",
	"aws-ssm-document-attachments-%s",
}

// s3EndpointPolicy lets through the stack's bucket, for this account only, and
// the reading of what AWS publishes.
func s3EndpointPolicy(args *NetworkArgs) pulumi.StringOutput {
	var public pulumi.StringArray
	for _, pattern := range publishedBuckets {
		public = append(public, args.Site.bucketArn(pulumi.String(fmt.Sprintf(pattern, args.Site.Region)), "/*"))
	}
	account := pulumi.String(args.Site.Account)
	own := pulumi.Map{"StringEquals": pulumi.Map{"aws:PrincipalAccount": account, "aws:ResourceAccount": account}}
	return document(
		statement{
			sid:       "StackBucket",
			principal: anyone(),
			actions: []string{
				"s3:GetObject", "s3:PutObject", "s3:DeleteObject", "s3:ListBucket", "s3:GetBucketLocation",
				"s3:AbortMultipartUpload", "s3:ListMultipartUploadParts",
			},
			resources: pulumi.StringArray{args.Site.bucketArn(args.Bucket, ""), args.Site.bucketArn(args.Bucket, "/*")},
			condition: own,
		},
		statement{
			// The SSM agent gives the output of commands an ACL, bucket-owner-full-control.
			sid:       "CommandOutput",
			principal: anyone(),
			actions:   []string{"s3:PutObjectAcl"},
			resources: pulumi.StringArray{args.Site.bucketArn(args.Bucket, "/"+schema.Load().Prefixes.CommandOutput+"/*")},
			condition: own,
		},
		statement{
			sid:       "ReadWhatAWSPublishes",
			principal: anyone(),
			actions:   []string{"s3:GetObject"},
			resources: public,
		},
	)
}

// interfaceEndpoints puts the AWS APIs into the app subnets, where configured.
func (n *Network) interfaceEndpoints(ctx *pulumi.Context, name string, args *NetworkArgs, child pulumi.ResourceOption) error {
	if !args.Network.InterfaceEndpoints {
		return nil
	}
	subnets := make(pulumi.StringArray, len(n.AppSubnets))
	for i, s := range n.AppSubnets {
		subnets[i] = s.ID()
	}
	for _, service := range endpointServices {
		label := name + "-" + service
		e, err := ec2.NewVpcEndpoint(ctx, label, &ec2.VpcEndpointArgs{
			VpcId:             n.VpcID,
			ServiceName:       pulumi.String(fmt.Sprintf("com.amazonaws.%s.%s", args.Site.Region, service)),
			VpcEndpointType:   pulumi.String("Interface"),
			PrivateDnsEnabled: pulumi.Bool(true),
			SubnetIds:         subnets,
			SecurityGroupIds:  pulumi.StringArray{n.Groups.Endpoints.ID()},
			Policy:            interfacePolicy(args.Site, service),
			Tags:              tagged(label),
		}, child)
		if err != nil {
			return fmt.Errorf("endpoint %s: %w", service, err)
		}
		n.waysOut = append(n.waysOut, e)
	}
	return nil
}

// interfacePolicy keeps credentials of other accounts from using the endpoint, and
// this account's from reaching resources of others; what its roles may do is in
// their own policies. IfExists: some actions have no resource, and so no account.
func interfacePolicy(site Site, service string) pulumi.StringOutput {
	prefix := service
	if service == "monitoring" {
		prefix = "cloudwatch"
	}
	return document(statement{
		sid:       "OwnAccount",
		principal: anyone(),
		actions:   []string{prefix + ":*"},
		resources: list("*"),
		condition: pulumi.Map{
			"StringEquals":         pulumi.Map{"aws:PrincipalAccount": pulumi.String(site.Account)},
			"StringEqualsIfExists": pulumi.Map{"aws:ResourceAccount": pulumi.String(site.Account)},
		},
	})
}
