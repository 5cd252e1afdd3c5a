// Package vpcgraph follows the network of a stack: subnets, route tables, and where their routes
// lead.
package vpcgraph

import (
	"slices"
	"strings"

	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

// RouteTables returns the route tables of this stack that are associated with a subnet.
func RouteTables(s rule.Stack, subnet rule.Resource) []rule.Resource {
	var tables []rule.Resource
	associations, _ := s.Referrers(aws.RouteTableAssociation, "subnetId", subnet)
	for _, a := range associations {
		tables = append(tables, tablesOf(s, a)...)
	}
	return tables
}

// tablesOf returns the route table of an association, if it belongs to this stack.
func tablesOf(s rule.Stack, association rule.Resource) []rule.Resource {
	var tables []rule.Resource
	for _, resourceType := range []string{aws.RouteTable, aws.DefaultRouteTable} {
		found, _ := s.Referred(association, association.Get("routeTableId"), resourceType)
		tables = append(tables, found...)
	}
	return tables
}

// route is a route of a table, declared as a separate resource or inside the table.
type route struct {
	of  rule.Resource
	get func(key string) value.Value
}

func routes(s rule.Stack, table rule.Resource) []route {
	var all []route
	resources, _ := s.Referrers(aws.Route, "routeTableId", table)
	for _, r := range resources {
		all = append(all, separate(r))
	}
	return append(all, inline(table)...)
}

func separate(r rule.Resource) route {
	return route{of: r, get: func(key string) value.Value { return r.Get(key) }}
}

func inline(table rule.Resource) []route {
	var all []route
	for _, r := range table.Get("routes").Elements() {
		all = append(all, route{of: table, get: func(key string) value.Value { return r.Get(key) }})
	}
	return all
}

// subnetRoutes returns the routes of a subnet's tables. A subnet without a table uses the main table
// of its VPC, which programs refer to as the default route table or by an output of the VPC.
func subnetRoutes(s rule.Stack, subnet rule.Resource) []route {
	associations, _ := s.Referrers(aws.RouteTableAssociation, "subnetId", subnet)
	vpcs, _ := s.Referred(subnet, subnet.Get("vpcId"), aws.Vpc)
	if len(associations) == 0 {
		return mainRoutes(s, vpcs)
	}
	var all []route
	for _, a := range associations {
		tables := tablesOf(s, a)
		for _, table := range tables {
			all = append(all, routes(s, table)...)
		}
		switch {
		case len(tables) > 0:
		case MainTable(a, a.Get("routeTableId"), vpcs):
			all = append(all, mainRoutes(s, vpcs)...)
		default:
			all = append(all, routesOutside(s, a)...)
		}
	}
	return all
}

// mainRoutes returns the routes of the main tables of VPCs.
func mainRoutes(s rule.Stack, vpcs []rule.Resource) []route {
	var all []route
	for _, table := range s.Of(aws.DefaultRouteTable) {
		all = append(all, routes(s, table)...)
	}
	for _, r := range s.Of(aws.Route) {
		if MainTable(r, r.Get("routeTableId"), vpcs) {
			all = append(all, separate(r))
		}
	}
	return all
}

// MainTable reports whether a property refers to the main route table of one of the VPCs: by value if
// it is known, else by the value's origin.
func MainTable(from rule.Resource, table value.Value, vpcs []rule.Resource) bool {
	id, err := table.Text()
	return slices.ContainsFunc(vpcs, func(vpc rule.Resource) bool {
		if err != nil {
			return rule.Refers(from, table, vpc) == rule.Yes
		}
		return id != "" && slices.ContainsFunc([]string{"mainRouteTableId", "defaultRouteTableId"}, func(key string) bool {
			main, unknown := value.Of(vpc.Outputs).Get(key).Text()
			return unknown == nil && main == id
		})
	})
}

// routesOutside returns the routes that this stack adds to the table of an association, if the table
// does not belong to the stack.
func routesOutside(s rule.Stack, association rule.Resource) []route {
	var all []route
	table, err := association.Get("routeTableId").Text()
	for _, r := range s.Of(aws.Route) {
		if id, unknown := r.Get("routeTableId").Text(); err == nil && unknown == nil && table != "" && id == table {
			all = append(all, separate(r))
		}
	}
	return all
}

// RequireTable requires the route table of an association to belong to this stack, to be the main
// table of its VPC, or to be in the configuration: the routes of others are unknown.
func RequireTable(s rule.Stack, association rule.Resource) []rule.Finding {
	table := association.Get("routeTableId")
	if s.Settings.AllConfigured(table) || MainTable(association, table, s.Of(aws.Vpc)) {
		return nil
	}
	return s.RequireReference(association, table, "the route table is not in this stack", aws.RouteTable, aws.DefaultRouteTable)
}

// InternetRoute returns the property that routes a subnet to an internet gateway, if there is one.
func InternetRoute(s rule.Stack, subnet rule.Resource) (rule.Resource, value.Value, bool) {
	for _, r := range subnetRoutes(s, subnet) {
		gateway := r.get("gatewayId")
		text, err := gateway.Text()
		named := err == nil && strings.HasPrefix(text, "igw-")
		if named || s.RefersToAny(r.of, gateway, aws.InternetGateway) == rule.Yes {
			return r.of, gateway, true
		}
	}
	return rule.Resource{}, value.Value{}, false
}

// HasNAT reports whether a subnet reaches the internet through a NAT gateway or the
// interface of a NAT instance.
func HasNAT(s rule.Stack, subnet rule.Resource) bool {
	return slices.ContainsFunc(
		subnetRoutes(s, subnet),
		func(r route) bool {
			return !matcher.Missing(r.get("natGatewayId")) || !matcher.Missing(r.get("networkInterfaceId"))
		},
	)
}

// Subnets returns the subnets of this stack that a property refers to, with findings if these are unknown.
func Subnets(s rule.Stack, from rule.Resource, v value.Value) ([]rule.Resource, []rule.Finding) {
	found, maybe := s.Referred(from, v, aws.Subnet)
	_, err := v.Text()
	switch {
	case len(found) > 0:
		return found, nil
	case maybe:
		return nil, rule.Undecidable(v, "not known yet")
	case v.State() == value.Known && v.Raw().IsArray():
		return nil, nil
	default:
		return nil, rule.Unreadable(err)
	}
}

// RequirePrivate requires a property to refer only to subnets of this stack without a route to an
// internet gateway, or to the configured existing subnets, whose routes are not known here.
func RequirePrivate(s rule.Stack, from rule.Resource, subnets value.Value) []rule.Finding {
	if s.Settings.AllConfigured(subnets) {
		return nil
	}
	found, maybe := s.Referred(from, subnets, aws.Subnet)
	switch {
	case len(found) == 0 && maybe:
		return rule.Undecidable(subnets, "not known yet")
	case len(found) == 0:
		return rule.Violate(subnets, "the subnets are not in this stack")
	}
	for _, subnet := range found {
		if _, _, public := InternetRoute(s, subnet); public {
			return rule.Violate(
				subnets,
				"the subnet "+subnet.Name+" has a route to an internet gateway",
			)
		}
	}
	if !subnets.Raw().IsArray() {
		return nil
	}
	return rule.Each(subnets, func(subnet value.Value) []rule.Finding {
		return s.RequireReference(
			from,
			subnet,
			"the subnet is not in this stack",
			aws.Subnet,
		)
	})
}

// Zones returns the availability zones of subnets, and whether one of them is not known.
func Zones(subnets []rule.Resource) (zones map[string]bool, unknown bool) {
	zones = map[string]bool{}
	for _, subnet := range subnets {
		for _, key := range []string{"availabilityZone", "availabilityZoneId"} {
			zone, err := subnet.Get(key).Text()
			unknown = unknown || err != nil
			if zone != "" {
				zones[zone] = true
			}
		}
	}
	return zones, unknown
}

// RequireTwoZones requires the subnets that a property names to be in at least two availability
// zones. It requires two existing subnets if all are in the configuration.
func RequireTwoZones(s rule.Stack, from rule.Resource, subnets value.Value) []rule.Finding {
	if s.Settings.AllConfigured(subnets) && subnets.Raw().IsArray() && len(subnets.Elements()) > 1 {
		return nil
	}
	found, maybe := s.Referred(from, subnets, aws.Subnet)
	zones, unknown := Zones(found)
	switch {
	case len(zones) >= 2:
		return nil
	case unknown || maybe:
		return rule.Undecidable(subnets, "the availability zones of the subnets are not known yet")
	default:
		return rule.Violate(subnets, "the subnets are in one availability zone")
	}
}
