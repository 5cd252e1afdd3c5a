package components

import (
	"fmt"
	"strconv"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

const everywhere = "0.0.0.0/0"

// route creates the routes of the public subnets to the internet and of the app subnets
// to the NAT gateways or the NAT instance, if any. The database's subnets get none.
// It returns the route tables of the app subnets.
func (n *Network) route(s scope, args *NetworkArgs, all subnets) ([]*ec2.RouteTable, error) {
	gateway, err := ec2.NewInternetGateway(s.ctx, s.label("internet"), &ec2.InternetGatewayArgs{VpcId: n.VpcID, Tags: tagged(s.name)}, s.parent)
	if err != nil {
		return nil, fmt.Errorf("internet gateway: %w", err)
	}
	table, err := n.newRouteTable(s.within("public"), all.public...)
	if err != nil {
		return nil, err
	}
	route, err := ec2.NewRoute(s.ctx, s.label("public-internet"), &ec2.RouteArgs{
		RouteTableId:         table.ID(),
		DestinationCidrBlock: pulumi.String(everywhere),
		GatewayId:            gateway.ID(),
	}, s.parent)
	if err != nil {
		return nil, fmt.Errorf("route to the internet: %w", err)
	}
	if args.Settings.Translates() { // NAT forwards through this route.
		n.egressDependencies = append(n.egressDependencies, route)
	}
	if _, err := n.newRouteTable(s.within("db"), all.db...); err != nil {
		return nil, err
	}
	routes, err := n.defaultRoutes(s.within("nat"), args, all, route)
	if err != nil {
		return nil, err
	}
	return n.routeApp(s.within("app"), all.app, routes)
}

// defaultRoute sets the target of a default route.
type defaultRoute func(*ec2.RouteArgs)

// defaultRoutes creates the NAT gateways or the NAT instance, if any, and returns a default route to each.
func (n *Network) defaultRoutes(s scope, args *NetworkArgs, all subnets, internet *ec2.Route) ([]defaultRoute, error) {
	if args.Settings.NatInstance {
		instance, err := n.newNatInstance(s, args, all.public[0], internet)
		if err != nil {
			return nil, err
		}
		return []defaultRoute{func(r *ec2.RouteArgs) { r.NetworkInterfaceId = instance.PrimaryNetworkInterfaceId }}, nil
	}
	gateways, err := newNatGateways(s, all.public[:args.Settings.NatGateways], internet)
	var routes []defaultRoute
	for _, gateway := range gateways {
		routes = append(routes, func(r *ec2.RouteArgs) { r.NatGatewayId = gateway.ID() })
	}
	return routes, err
}

// routeApp creates the route table of each zone's app subnet. With fewer NAT devices
// than zones, the zones share them.
func (n *Network) routeApp(s scope, app []*ec2.Subnet, routes []defaultRoute) ([]*ec2.RouteTable, error) {
	var tables []*ec2.RouteTable
	for i, subnet := range app {
		zone := s.within(strconv.Itoa(i + 1))
		table, err := n.newRouteTable(zone, subnet)
		if err != nil {
			return nil, err
		}
		tables = append(tables, table)
		if len(routes) == 0 {
			continue
		}
		spec := &ec2.RouteArgs{RouteTableId: table.ID(), DestinationCidrBlock: pulumi.String(everywhere)}
		routes[i%len(routes)](spec)
		route, err := ec2.NewRoute(s.ctx, zone.label("nat"), spec, s.parent)
		if err != nil {
			return nil, fmt.Errorf("route out of the VPC: %w", err)
		}
		n.egressDependencies = append(n.egressDependencies, route)
	}
	return tables, nil
}

// newRouteTable creates a route table for the subnets, with local routes only.
func (n *Network) newRouteTable(s scope, subnets ...*ec2.Subnet) (*ec2.RouteTable, error) {
	tags := tagged(s.name)
	s = s.within("routes")
	table, err := ec2.NewRouteTable(s.ctx, s.name, &ec2.RouteTableArgs{VpcId: n.VpcID, Tags: tags}, s.parent)
	if err != nil {
		return nil, fmt.Errorf("route table %s: %w", s.name, err)
	}
	for i, subnet := range subnets {
		association, err := ec2.NewRouteTableAssociation(s.ctx, s.label(strconv.Itoa(i+1)), &ec2.RouteTableAssociationArgs{
			RouteTableId: table.ID(),
			SubnetId:     subnet.ID(),
		}, s.parent)
		if err != nil {
			return nil, fmt.Errorf("route table %s: %w", s.name, err)
		}
		n.egressDependencies = append(n.egressDependencies, association)
	}
	return table, nil
}

// newNatGateways creates one NAT gateway in each of the public subnets.
func newNatGateways(s scope, public []*ec2.Subnet, internet *ec2.Route) ([]*ec2.NatGateway, error) {
	made := make([]*ec2.NatGateway, len(public))
	for i, subnet := range public {
		nat := s.within(strconv.Itoa(i + 1))
		ip, err := ec2.NewEip(s.ctx, nat.label("address"), &ec2.EipArgs{Domain: pulumi.String("vpc"), Tags: tagged(nat.name)}, s.parent)
		if err != nil {
			return nil, fmt.Errorf("address of a NAT gateway: %w", err)
		}
		made[i], err = ec2.NewNatGateway(s.ctx, nat.name, &ec2.NatGatewayArgs{
			AllocationId: ip.ID(),
			SubnetId:     subnet.ID(),
			Tags:         tagged(nat.name),
		}, s.parent, after(internet), pulumi.DeleteBeforeReplace(true)) // An address can belong to only one gateway.
		if err != nil {
			return nil, fmt.Errorf("nat gateway: %w", err)
		}
	}
	return made, nil
}
