package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/config"
)

// Network is the VPC with its subnets, ways out, and the security groups of all
// that live in it.
type Network struct {
	pulumi.ResourceState

	VpcID pulumi.IDOutput
	// AppSubnets and DbSubnets are in the order of the site's zones.
	AppSubnets []*ec2.Subnet
	DbSubnets  []*ec2.Subnet
	Groups     Groups
	// Reachable is the option of resources that need the ways out when they start.
	Reachable pulumi.ResourceOption

	waysOut []pulumi.Resource
}

// NetworkArgs are the inputs of a Network.
type NetworkArgs struct {
	Site     Site
	Common   config.Common
	Network  config.Network
	Database config.Database
	KeyArn   pulumi.StringInput
	// Bucket is the one that the VPC's S3 endpoint lets through.
	Bucket pulumi.StringInput
}

// NewNetwork makes a Network.
func NewNetwork(ctx *pulumi.Context, name string, args *NetworkArgs, opts ...pulumi.ResourceOption) (*Network, error) {
	n := &Network{}
	child, err := register(ctx, "Network", name, pulumi.Map{
		"vpcCidr":            pulumi.String(args.Network.VpcCidr),
		"natGateways":        pulumi.Int(args.Network.NatGateways),
		"interfaceEndpoints": pulumi.Bool(args.Network.InterfaceEndpoints),
	}, n, opts)
	if err != nil {
		return nil, err
	}
	vpc, err := newVpc(ctx, name, args, child)
	if err != nil {
		return nil, err
	}
	n.VpcID = vpc.ID()
	public, err := n.subnets(ctx, name+"-public", args.Site, args.Network.PublicSubnetCidrs, child)
	if err != nil {
		return nil, err
	}
	if n.AppSubnets, err = n.subnets(ctx, name+"-app", args.Site, args.Network.AppSubnetCidrs, child); err != nil {
		return nil, err
	}
	if n.DbSubnets, err = n.subnets(ctx, name+"-db", args.Site, args.Network.DbSubnetCidrs, child); err != nil {
		return nil, err
	}
	tables, err := n.route(ctx, name, args.Network.NatGateways, public, child)
	if err != nil {
		return nil, err
	}
	s3, err := n.s3Endpoint(ctx, name, args, tables, child)
	if err != nil {
		return nil, err
	}
	if n.Groups, err = n.groups(ctx, name, args, s3.PrefixListId, child); err != nil {
		return nil, err
	}
	if err := n.interfaceEndpoints(ctx, name, args, child); err != nil {
		return nil, err
	}
	n.Reachable = pulumi.DependsOn(n.waysOut)
	return n, ctx.RegisterResourceOutputs(n, pulumi.Map{"vpcId": n.VpcID})
}

func newVpc(ctx *pulumi.Context, name string, args *NetworkArgs, child pulumi.ResourceOption) (*ec2.Vpc, error) {
	vpc, err := ec2.NewVpc(ctx, name+"-vpc", &ec2.VpcArgs{
		CidrBlock: pulumi.String(args.Network.VpcCidr),
		// Private names of the interface endpoints and of the database need both.
		EnableDnsSupport:   pulumi.Bool(true),
		EnableDnsHostnames: pulumi.Bool(true),
		Tags:               tagged(name),
	}, child)
	if err != nil {
		return nil, fmt.Errorf("vpc: %w", err)
	}
	// Taken over without any rule, so that nothing can be reached by default.
	_, err = ec2.NewDefaultSecurityGroup(ctx, name+"-default-group", &ec2.DefaultSecurityGroupArgs{
		VpcId: vpc.ID(),
		Tags:  tagged(name + "-closed"),
	}, child)
	if err != nil {
		return nil, fmt.Errorf("default security group: %w", err)
	}
	return vpc, newFlowLog(ctx, name, args, vpc, child)
}

// subnets makes one subnet a zone. None gives out public addresses: NAT
// gateways bring their own.
//
// A subnet cannot move to another zone, only be replaced, with everything in it.
// Zones that the program chose are therefore a choice for new subnets only: a
// region that opens or closes a zone changes nothing.
func (n *Network) subnets(ctx *pulumi.Context, name string, site Site, cidrs []string, child pulumi.ResourceOption) ([]*ec2.Subnet, error) {
	opts := []pulumi.ResourceOption{child}
	if !site.ZonesPinned {
		opts = append(opts, pulumi.IgnoreChanges([]string{"availabilityZone"}))
	}
	made := make([]*ec2.Subnet, len(cidrs))
	for i, cidr := range cidrs {
		label := fmt.Sprintf("%s-%d", name, i+1)
		s, err := ec2.NewSubnet(ctx, label, &ec2.SubnetArgs{
			VpcId:               n.VpcID,
			CidrBlock:           pulumi.String(cidr),
			AvailabilityZone:    pulumi.String(site.Zones[i]),
			MapPublicIpOnLaunch: pulumi.Bool(false),
			Tags:                tagged(label),
		}, opts...)
		if err != nil {
			return nil, fmt.Errorf("subnet %s: %w", label, err)
		}
		made[i] = s
	}
	return made, nil
}
