package components

import (
	_ "embed"
	"fmt"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/vpc"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// natInstanceType is AWS's smallest: 32 Mbit/s on average, 5 Gbit/s in bursts.
// https://docs.aws.amazon.com/ec2/latest/instancetypes/gp.html
const natInstanceType = "t4g.nano"

// natScript configures the instance, at its first start, to forward HTTPS of the app subnets.
//
//go:embed nat.sh
var natScript string

// newNatInstance creates an instance that forwards HTTPS of the app subnets to public
// addresses. It has no role, no SSH key and no listener. EC2 recovers it when its host
// fails, the default for its type.
// https://docs.aws.amazon.com/vpc/latest/userguide/work-with-nat-instances.html
func (n *Network) newNatInstance(s scope, args *NetworkArgs, public *ec2.Subnet, internet *ec2.Route) (*ec2.Instance, error) {
	group, rules, err := n.newNatGroup(s, args)
	if err != nil {
		return nil, err
	}
	image, err := lookupImage(s, graviton)
	if err != nil {
		return nil, err
	}
	instance, err := ec2.NewInstance(s.ctx, s.label("instance"), &ec2.InstanceArgs{
		Ami:                      image,
		InstanceType:             pulumi.String(natInstanceType),
		SubnetId:                 public.ID(),
		VpcSecurityGroupIds:      pulumi.StringArray{group.ID()},
		AssociatePublicIpAddress: pulumi.Bool(true),
		SourceDestCheck:          pulumi.Bool(false), // It forwards packets.
		EbsOptimized:             pulumi.Bool(true),
		MetadataOptions:          metadataBySession(),
		RootBlockDevice:          encryptedDisk(8, args.Storage.KeyArn), // The image's size.
		UserData:                 pulumi.String(strings.ReplaceAll(natScript, "@APP@", strings.Join(args.Settings.AppSubnetCidrs, ", "))),
		UserDataReplaceOnChange:  pulumi.Bool(true), // It runs at the first start only.
		Tags:                     tagged(s.label("instance")),
	}, s.parent, after(append(rules, internet)...), // It installs a package when it starts.
		// A newer image must not replace the instance.
		pulumi.IgnoreChanges([]string{"ami"}))
	if err != nil {
		return nil, fmt.Errorf("nat instance: %w", err)
	}
	n.egressDependencies = append(n.egressDependencies, instance)
	return instance, nil
}

// newNatGroup creates the group that allows HTTPS from the app subnets, and HTTPS out.
func (n *Network) newNatGroup(s scope, args *NetworkArgs) (*ec2.SecurityGroup, []pulumi.Resource, error) {
	group, err := n.newSecurityGroup(s, "The NAT instance")
	if err != nil {
		return nil, nil, err
	}
	var rules []pulumi.Resource
	for i, block := range args.Settings.AppSubnetCidrs {
		in, err := vpc.NewSecurityGroupIngressRule(s.ctx, s.label("app-"+strconv.Itoa(i+1)+"-in"), &vpc.SecurityGroupIngressRuleArgs{
			SecurityGroupId: group.ID(),
			CidrIpv4:        pulumi.String(block),
			IpProtocol:      pulumi.String("tcp"),
			FromPort:        pulumi.Int(httpsPort),
			ToPort:          pulumi.Int(httpsPort),
			Description:     pulumi.String("AWS APIs that an app subnet calls"),
		}, s.parent)
		if err != nil {
			return nil, nil, fmt.Errorf("rule of the NAT instance: %w", err)
		}
		rules = append(rules, in)
	}
	out, err := vpc.NewSecurityGroupEgressRule(s.ctx, s.label("https-out"), &vpc.SecurityGroupEgressRuleArgs{
		SecurityGroupId: group.ID(),
		CidrIpv4:        pulumi.String(everywhere),
		IpProtocol:      pulumi.String("tcp"),
		FromPort:        pulumi.Int(httpsPort),
		ToPort:          pulumi.Int(httpsPort),
		Description:     pulumi.String("AWS APIs that the app subnets call"),
	}, s.parent)
	if err != nil {
		return nil, nil, fmt.Errorf("rule of the NAT instance: %w", err)
	}
	return group, append(rules, out), nil
}
