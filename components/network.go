package components

import (
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/config"
)

// Network is the VPC with its subnets, routes and endpoints, and the security groups
// of the stack's resources in it. In an existing VPC, the stack creates only the security groups.
type Network struct {
	pulumi.ResourceState

	VpcID pulumi.IDOutput `pulumi:"vpcId"`
	// AppSubnetIDs, AppZones and DbSubnetIDs are in the order of the environment's
	// zones.
	AppSubnetIDs   pulumi.StringArray `pulumi:"appSubnetIds"`
	AppZones       pulumi.StringArray `pulumi:"appZones"`
	DbSubnetIDs    pulumi.StringArray `pulumi:"dbSubnetIds"`
	SecurityGroups SecurityGroups
	// Reachable is the option for resources that call AWS or the database when they
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
	// Existing describes the existing VPC, if the settings contain one.
	Existing ExistingNetwork
	// Storage has the bucket that the VPC's S3 endpoint allows.
	Storage  *Storage
	Database config.Database
}

// NewNetwork creates a Network.
func NewNetwork(ctx *pulumi.Context, name string, args *NetworkArgs, opts ...pulumi.ResourceOption) (*Network, error) {
	n := &Network{}
	s, err := open(ctx, name, n, networkInputs(args.Settings), opts)
	if err != nil {
		return nil, err
	}
	if args.Settings.Existing() {
		err = n.attachExisting(s, args)
	} else {
		err = n.create(s, args)
	}
	if err != nil {
		return nil, err
	}
	n.Reachable = after(n.egressDependencies...)
	return n, s.close(n)
}

func networkInputs(settings config.Network) pulumi.Map {
	if settings.Existing() {
		return pulumi.Map{"vpcId": pulumi.String(settings.VpcID)}
	}
	return pulumi.Map{
		"vpcCidr":            pulumi.String(settings.VpcCidr),
		"natGateways":        pulumi.Int(settings.NatGateways),
		"natInstance":        pulumi.Bool(settings.NatInstance),
		"interfaceEndpoints": pulumi.Bool(settings.InterfaceEndpoints),
	}
}

// create creates a VPC with everything in it.
func (n *Network) create(s scope, args *NetworkArgs) error {
	vpc, err := newVpc(s, args)
	if err != nil {
		return err
	}
	n.VpcID = vpc.ID()
	subnets, err := n.newSubnets(s, args)
	if err != nil {
		return err
	}
	tables, err := n.route(s, args, subnets)
	if err != nil {
		return err
	}
	s3, err := n.newS3Endpoint(s, args, tables)
	if err != nil {
		return err
	}
	out := egress{s3PrefixList: s3.PrefixListId, endpoints: args.Settings.InterfaceEndpoints}
	switch {
	case out.endpoints: // Endpoints are narrower than NAT.
	case args.Settings.NatGateways > 0:
		out.anywhere = "AWS APIs through the NAT gateway"
	case args.Settings.NatInstance:
		out.anywhere = "AWS APIs through the NAT instance"
	}
	if err := n.newSecurityGroups(s, args, out); err != nil {
		return err
	}
	return n.newInterfaceEndpoints(s, args)
}

// attachExisting creates only the security groups in an existing VPC: its owner decides about
// routes and endpoints.
func (n *Network) attachExisting(s scope, args *NetworkArgs) error {
	settings := args.Settings
	n.VpcID = pulumi.ID(settings.VpcID).ToIDOutput()
	n.AppSubnetIDs, n.AppZones = list(settings.AppSubnetIDs...), list(args.Existing.AppZones...)
	n.DbSubnetIDs = list(settings.DatabaseSubnetIDs()...)
	out := egress{s3PrefixList: pulumi.String(args.Existing.S3PrefixList)}
	if settings.EndpointGroupID == "" {
		out.anywhere = "AWS APIs through the routes of the VPC"
	} else {
		out.endpoints = true
		n.SecurityGroups.Endpoints = pulumi.ID(settings.EndpointGroupID).ToIDOutput()
	}
	return n.newSecurityGroups(s, args, out)
}
