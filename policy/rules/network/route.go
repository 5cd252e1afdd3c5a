package network

import (
	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
	"store-events/policy/vpcgraph"
)

// routeTargets are the properties of a route with its target, except internet gateways. Such targets cannot
// belong to the stack, because their types are refused.
var routeTargets = []string{
	"vpcPeeringConnectionId", "transitGatewayId", "egressOnlyGatewayId", "carrierGatewayId",
	"localGatewayId", "coreNetworkArn", "networkInterfaceId", "instanceId",
}

var routeKnownTargets = rule.Rule{
	ID:    "route-known-targets",
	Title: "Routes lead only to gateways of this stack, and subnets use route tables of this stack",
	Why: "A route to a peered VPC, a transit gateway, a VPN or another network interface connects the database's " +
		"network to one outside the stack's control. The routes of other route tables are not visible here.",
	Fix: "Remove the route, or change its target to an ec2.NatGateway, ec2.InternetGateway or ec2.VpcEndpoint of " +
		"the stack. Associate the subnet with an ec2.RouteTable of the stack, or add the ID of the table to the " +
		"stack's configuration.",
	Sources:  "project; FSBP EC2.51",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    []string{aws.Route, aws.RouteTable, aws.DefaultRouteTable, aws.RouteTableAssociation, aws.Instance},
	Stack: func(s rule.Stack) []rule.Finding {
		findings := s.Each(aws.RouteTableAssociation, func(a rule.Resource) []rule.Finding {
			return vpcgraph.RequireTable(s, a)
		})
		for _, r := range s.Of(aws.Route, aws.RouteTable, aws.DefaultRouteTable) {
			routes := []value.Value{r.Get()}
			if r.Type != aws.Route {
				routes = r.Get("routes").Elements()
				findings = append(
					findings,
					rule.On(r, rule.Require(r.Get("propagatingVgws"), matcher.Empty,
						"a virtual private gateway propagates routes into the table"))...)
			}
			for _, route := range routes {
				findings = append(findings, rule.On(r, requireKnownTarget(s, r, route))...)
			}
		}
		return findings
	},
}

func requireKnownTarget(s rule.Stack, r rule.Resource, route value.Value) []rule.Finding {
	var findings []rule.Finding
	for _, target := range routeTargets {
		if target == "networkInterfaceId" && vpcgraph.LeadsToNATInstance(s, r) {
			continue
		}
		if !matcher.Missing(route.Get(target)) {
			findings = append(
				findings,
				rule.Require(
					route.Get(target),
					matcher.Absent,
					"the route leads out of the stack's network",
				)...)
		}
	}
	gateway := route.Get("gatewayId")
	if local, err := matcher.OneOf("", "local")(gateway); err != nil || !local {
		findings = append(
			findings,
			s.RequireReference(
				r,
				gateway,
				"the gateway is not in this stack",
				aws.InternetGateway,
			)...)
	}
	for key, resourceType := range map[string]string{"natGatewayId": aws.NatGateway, "vpcEndpointId": aws.VpcEndpoint} {
		if absent, err := matcher.Absent(route.Get(key)); err != nil || !absent {
			findings = append(
				findings,
				s.RequireReference(
					r,
					route.Get(key),
					"the gateway is not in this stack",
					resourceType,
				)...)
		}
	}
	return findings
}

var privateNoInternetGateway = rule.Rule{
	ID:    "route-private-no-igw",
	Title: "Subnets of databases, Glue connections, functions and instances have no route to an internet gateway",
	Why:   "With such a route, a resource needs only a public address to be on the internet.",
	Fix:   "Route 0.0.0.0/0 of these subnets to a NAT gateway, or remove the route.",
	Sources: "cdk-nag NIST.800.53.R5-VPCNoUnrestrictedRouteToIGW; checkov CKV2_AWS_35; " +
		"FSBP RDS.46",
	Severity: rule.High,
	Levels:   rule.Always,
	Types: []string{
		aws.Route, aws.RouteTable, aws.RouteTableAssociation, aws.DefaultRouteTable, aws.Subnet,
		aws.InternetGateway, aws.Instance, aws.Function, aws.GlueConnection, aws.DBSubnetGroup,
	},
	Stack: func(s rule.Stack) []rule.Finding {
		var findings []rule.Finding
		for _, subnet := range usedSubnets(s) {
			if route, gateway, public := vpcgraph.InternetRoute(s, subnet); public {
				findings = append(findings, rule.On(route, rule.Violate(
					gateway,
					"the route leads the subnet "+subnet.Name+", which is in use, to an internet gateway",
				))...)
			}
		}
		return append(findings, forbidMainInternetRoutes(s)...)
	},
}

// forbidMainInternetRoutes reports routes to an internet gateway in the main table of a VPC, which every subnet without
// a separate table uses, even one that is added later.
func forbidMainInternetRoutes(s rule.Stack) []rule.Finding {
	const message = "the main route table leads to an internet gateway"
	var findings []rule.Finding
	for _, table := range s.Of(aws.DefaultRouteTable) {
		for _, route := range table.Get("routes").Elements() {
			if gateways, _ := s.Referred(table, route.Get("gatewayId"), aws.InternetGateway); len(gateways) > 0 {
				findings = append(findings, rule.On(table, rule.Violate(route.Get("gatewayId"), message))...)
			}
		}
	}
	for _, route := range s.Of(aws.Route) {
		gateways, _ := s.Referred(route, route.Get("gatewayId"), aws.InternetGateway)
		main, _ := s.Referred(route, route.Get("routeTableId"), aws.DefaultRouteTable)
		if len(gateways) > 0 && (len(main) > 0 || vpcgraph.MainTable(route, route.Get("routeTableId"), s.Of(aws.Vpc))) {
			findings = append(findings, rule.On(route, rule.Violate(route.Get("gatewayId"), message))...)
		}
	}
	return findings
}

// usedSubnets returns the subnets in which the pipeline runs.
func usedSubnets(s rule.Stack) []rule.Resource {
	var subnets []rule.Resource
	seen := map[string]bool{}
	for _, use := range []struct {
		resourceType string
		path         []string
	}{
		{aws.DBSubnetGroup, []string{"subnetIds"}},
		{aws.GlueConnection, []string{"physicalConnectionRequirements", "subnetId"}},
		{aws.Function, []string{"vpcConfig", "subnetIds"}},
		{aws.Instance, []string{"subnetId"}},
	} {
		for _, r := range s.Of(use.resourceType) {
			if vpcgraph.IsNATInstance(s, r) {
				continue // It needs the route that is forbidden for others.
			}
			found, _ := s.Referred(r, r.Get(use.path...), aws.Subnet)
			for _, subnet := range found {
				if !seen[subnet.URN] {
					seen[subnet.URN] = true
					subnets = append(subnets, subnet)
				}
			}
		}
	}
	return subnets
}
