package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const everywhere = "0.0.0.0/0"

// route routes the public subnets to the internet, the app subnets one
// through the NAT gateways that there are, and the database's subnets none. It
// returns the route tables of the app subnets.
func (n *Network) route(ctx *pulumi.Context, name string, nats int, public []*ec2.Subnet, child pulumi.ResourceOption) ([]*ec2.RouteTable, error) {
	gateway, err := ec2.NewInternetGateway(ctx, name+"-internet", &ec2.InternetGatewayArgs{VpcId: n.VpcID, Tags: tagged(name)}, child)
	if err != nil {
		return nil, fmt.Errorf("internet gateway: %w", err)
	}
	outside, err := n.routeTable(ctx, name+"-public", public, child)
	if err != nil {
		return nil, err
	}
	way, err := ec2.NewRoute(ctx, name+"-public-internet", &ec2.RouteArgs{
		RouteTableId:         outside.ID(),
		DestinationCidrBlock: pulumi.String(everywhere),
		GatewayId:            gateway.ID(),
	}, child)
	if err != nil {
		return nil, err
	}
	if nats > 0 { // What leaves through a NAT gateway goes on by this route.
		n.waysOut = append(n.waysOut, way)
	}
	if _, err := n.routeTable(ctx, name+"-db", n.DbSubnets, child); err != nil {
		return nil, err
	}
	gateways, err := natGateways(ctx, name, public[:nats], gateway, child)
	if err != nil {
		return nil, err
	}
	return n.routeApp(ctx, name, gateways, child)
}

// routeApp creates the route table of each zone's app subnet; gateways are shared
// in turn.
func (n *Network) routeApp(ctx *pulumi.Context, name string, gateways []*ec2.NatGateway, child pulumi.ResourceOption) ([]*ec2.RouteTable, error) {
	var tables []*ec2.RouteTable
	for i, subnet := range n.AppSubnets {
		label := fmt.Sprintf("%s-app-%d", name, i+1)
		table, err := n.routeTable(ctx, label, []*ec2.Subnet{subnet}, child)
		if err != nil {
			return nil, err
		}
		tables = append(tables, table)
		if len(gateways) == 0 {
			continue
		}
		out, err := ec2.NewRoute(ctx, label+"-nat", &ec2.RouteArgs{
			RouteTableId:         table.ID(),
			DestinationCidrBlock: pulumi.String(everywhere),
			NatGatewayId:         gateways[i%len(gateways)].ID(),
		}, child)
		if err != nil {
			return nil, err
		}
		n.waysOut = append(n.waysOut, out)
	}
	return tables, nil
}

// routeTable makes a table without routes beyond the VPC, for subnets.
func (n *Network) routeTable(ctx *pulumi.Context, name string, subnets []*ec2.Subnet, child pulumi.ResourceOption) (*ec2.RouteTable, error) {
	table, err := ec2.NewRouteTable(ctx, name+"-routes", &ec2.RouteTableArgs{VpcId: n.VpcID, Tags: tagged(name)}, child)
	if err != nil {
		return nil, fmt.Errorf("route table %s: %w", name, err)
	}
	for i, subnet := range subnets {
		association, err := ec2.NewRouteTableAssociation(ctx, fmt.Sprintf("%s-routes-%d", name, i+1), &ec2.RouteTableAssociationArgs{
			RouteTableId: table.ID(),
			SubnetId:     subnet.ID(),
		}, child)
		if err != nil {
			return nil, err
		}
		n.waysOut = append(n.waysOut, association)
	}
	return table, nil
}

// natGateways makes one NAT gateway in each of the given public subnets.
func natGateways(ctx *pulumi.Context, name string, public []*ec2.Subnet, gateway *ec2.InternetGateway, child pulumi.ResourceOption) ([]*ec2.NatGateway, error) {
	made := make([]*ec2.NatGateway, len(public))
	for i, subnet := range public {
		label := fmt.Sprintf("%s-nat-%d", name, i+1)
		ip, err := ec2.NewEip(ctx, label+"-address", &ec2.EipArgs{Domain: pulumi.String("vpc"), Tags: tagged(label)}, child)
		if err != nil {
			return nil, err
		}
		made[i], err = ec2.NewNatGateway(ctx, label, &ec2.NatGatewayArgs{
			AllocationId: ip.ID(),
			SubnetId:     subnet.ID(),
			Tags:         tagged(label),
		}, child, pulumi.DependsOn([]pulumi.Resource{gateway}))
		if err != nil {
			return nil, fmt.Errorf("nat gateway: %w", err)
		}
	}
	return made, nil
}
