package components

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/config"
)

// Network is the VPC with its subnets, its routes and endpoints, and the security
// groups of everything in it.
type Network struct {
	pulumi.ResourceState

	VpcID pulumi.IDOutput `pulumi:"vpcId"`
	// AppSubnetIDs, AppZones and DbSubnetIDs are in the order of the environment's
	// zones.
	AppSubnetIDs   pulumi.StringArray `pulumi:"appSubnetIds"`
	AppZones       pulumi.StringArray `pulumi:"appZones"`
	DbSubnetIDs    pulumi.StringArray `pulumi:"dbSubnetIds"`
	SecurityGroups SecurityGroups
	// Reachable is the option of resources that call AWS or the database when they
	// start.
	Reachable pulumi.ResourceOption

	// egressDependencies are the resources without which a client in the VPC cannot
	// open its connections.
	egressDependencies []pulumi.Resource
}

// NetworkArgs are the inputs of a Network.
type NetworkArgs struct {
	Environment Environment
	Settings    config.Network
	// Storage has the bucket that the VPC's S3 endpoint allows.
	Storage      *Storage
	DatabasePort int
}

// NewNetwork creates a Network.
func NewNetwork(ctx *pulumi.Context, name string, args *NetworkArgs, opts ...pulumi.ResourceOption) (*Network, error) {
	n := &Network{}
	s, err := open(ctx, name, n, pulumi.Map{
		"vpcCidr":            pulumi.String(args.Settings.VpcCidr),
		"natGateways":        pulumi.Int(args.Settings.NatGateways),
		"interfaceEndpoints": pulumi.Bool(args.Settings.InterfaceEndpoints),
	}, opts)
	if err != nil {
		return nil, err
	}
	vpc, err := newVpc(s, args)
	if err != nil {
		return nil, err
	}
	n.VpcID = vpc.ID()
	subnets, err := n.newSubnets(s, args)
	if err != nil {
		return nil, err
	}
	tables, err := n.route(s, subnets, args.Settings.NatGateways)
	if err != nil {
		return nil, err
	}
	s3, err := n.newS3Endpoint(s, args, tables)
	if err != nil {
		return nil, err
	}
	if err := n.newSecurityGroups(s, args, s3.PrefixListId); err != nil {
		return nil, err
	}
	if err := n.newInterfaceEndpoints(s, args); err != nil {
		return nil, err
	}
	n.Reachable = after(n.egressDependencies...)
	return n, s.close(n)
}
