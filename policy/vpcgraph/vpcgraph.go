// Package vpcgraph follows the network of a stack: subnets, route tables, and where their routes lead.
package vpcgraph

import (
	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

// RouteTables returns the route tables associated with a subnet.
func RouteTables(s rule.Stack, subnet rule.Resource) []rule.Resource {
	var tables []rule.Resource
	associations, _ := s.Referrers(aws.RouteTableAssociation, "subnetId", subnet)
	for _, a := range associations {
		found, _ := s.Referred(a, a.Get("routeTableId"), aws.RouteTable)
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
		all = append(all, route{of: r, get: func(key string) value.Value { return r.Get(key) }})
	}
	for _, inline := range table.Get("routes").Elements() {
		all = append(all, route{of: table, get: func(key string) value.Value { return inline.Get(key) }})
	}
	return all
}

// InternetRoute returns the property that routes a subnet to an internet gateway, if there is one.
func InternetRoute(s rule.Stack, subnet rule.Resource) (rule.Resource, value.Value, bool) {
	for _, table := range RouteTables(s, subnet) {
		for _, r := range routes(s, table) {
			gateway := r.get("gatewayId")
			if s.RefersToAny(r.of, gateway, aws.InternetGateway) == rule.Yes {
				return r.of, gateway, true
			}
		}
	}
	return rule.Resource{}, value.Value{}, false
}

// HasNAT reports whether a subnet reaches the internet through a NAT gateway.
func HasNAT(s rule.Stack, subnet rule.Resource) bool {
	for _, table := range RouteTables(s, subnet) {
		for _, r := range routes(s, table) {
			if !matcher.Missing(r.get("natGatewayId")) {
				return true
			}
		}
	}
	return false
}

// Subnets returns the subnets of this stack that a property names, with findings if that is not known.
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

// RequirePrivate requires a property to name subnets of this stack, none of which has a route to an internet gateway.
func RequirePrivate(s rule.Stack, from rule.Resource, subnets value.Value) []rule.Finding {
	found, maybe := s.Referred(from, subnets, aws.Subnet)
	switch {
	case len(found) == 0 && maybe:
		return rule.Undecidable(subnets, "not known yet")
	case len(found) == 0:
		return rule.Violate(subnets, "names no subnet of this stack")
	}
	for _, subnet := range found {
		if _, _, public := InternetRoute(s, subnet); public {
			return rule.Violate(subnets, "the subnet "+subnet.Name+" has a route to an internet gateway")
		}
	}
	return nil
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

// RequireTwoZones requires the subnets that a property names to be in at least two availability zones.
func RequireTwoZones(s rule.Stack, from rule.Resource, subnets value.Value) []rule.Finding {
	found, maybe := s.Referred(from, subnets, aws.Subnet)
	zones, unknown := Zones(found)
	switch {
	case len(zones) >= 2:
		return nil
	case unknown || maybe:
		return rule.Undecidable(subnets, "the zones of the subnets are not known yet")
	default:
		return rule.Violate(subnets, "the subnets are in one availability zone")
	}
}
