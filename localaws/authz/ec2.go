package authz

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/beevik/etree"

	"localaws/reachability"
)

const ec2Version = "2016-11-15"

// Network implements Source.
func (e *Emulator) Network(ctx context.Context) (*reachability.Network, error) {
	return cached(&e.cache, "network", func() (*reachability.Network, error) {
		n := &reachability.Network{PrefixLists: map[string]string{}, DefaultGroups: map[string]string{}}
		for _, read := range []struct {
			action, items string
			add           func(*etree.Element)
		}{
			{"DescribeSubnets", "//subnetSet/item", func(item *etree.Element) {
				n.Subnets = append(n.Subnets, reachability.Subnet{ID: text(item, "./subnetId"), VPC: text(item, "./vpcId"), CIDR: text(item, "./cidrBlock")})
			}},
			{"DescribeRouteTables", "//routeTableSet/item", func(item *etree.Element) { n.Tables = append(n.Tables, routeTable(item)) }},
			{"DescribeNatGateways", "//natGatewaySet/item", func(item *etree.Element) {
				if text(item, "./state") == "available" {
					n.NATs = append(n.NATs, reachability.NAT{ID: text(item, "./natGatewayId"), Subnet: text(item, "./subnetId")})
				}
			}},
			{"DescribeInstances", "//instancesSet/item", func(item *etree.Element) { n.Instances = append(n.Instances, machine(item)) }},
			{"DescribeVpcEndpoints", "//vpcEndpointSet/item", func(item *etree.Element) { n.Endpoints = append(n.Endpoints, endpoint(item)) }},
			{"DescribeSecurityGroupRules", "//securityGroupRuleSet/item", func(item *etree.Element) { n.Rules = append(n.Rules, rule(item)) }},
			{"DescribeSecurityGroups", "//securityGroupInfo/item", func(item *etree.Element) {
				if text(item, "./groupName") == "default" {
					n.DefaultGroups[text(item, "./vpcId")] = text(item, "./groupId")
				}
			}},
			{"DescribePrefixLists", "//prefixListSet/item", func(item *etree.Element) {
				// Other lists with the same suffix are for IPv6, for other regions, or unknown.
				if service, ok := strings.CutPrefix(text(item, "./prefixListName"), "com.amazonaws."+e.options.Place.Region+"."); ok {
					n.PrefixLists[service] = text(item, "./prefixListId")
				}
			}},
		} {
			found, err := e.account.query(ctx, "ec2", ec2Version, read.action)
			if err != nil {
				return nil, fmt.Errorf("network: %s: %w", read.action, err)
			}
			for _, item := range found.FindElements(read.items) {
				read.add(item)
			}
		}
		return n, nil
	})
}

func lastLabel(name string) string { return name[strings.LastIndex(name, ".")+1:] }

func texts(from *etree.Element, path string) []string {
	var all []string
	for _, e := range from.FindElements(path) {
		all = append(all, e.Text())
	}
	return all
}

func routeTable(item *etree.Element) reachability.RouteTable {
	t := reachability.RouteTable{ID: text(item, "./routeTableId"), VPC: text(item, "./vpcId"), Subnets: texts(item, "./associationSet/item/subnetId")}
	for _, main := range texts(item, "./associationSet/item/main") {
		t.Main = t.Main || main == "true"
	}
	for _, r := range item.FindElements("./routeSet/item") {
		route := reachability.Route{Destination: text(r, "./destinationCidrBlock")}
		for _, target := range []string{"natGatewayId", "gatewayId", "transitGatewayId", "networkInterfaceId", "instanceId", "vpcPeeringConnectionId"} {
			if id := text(r, "./"+target); id != "" && route.Target == "" {
				route.Target = id
			}
		}
		t.Routes = append(t.Routes, route)
	}
	return t
}

func endpoint(item *etree.Element) reachability.Endpoint {
	return reachability.Endpoint{
		ID: text(item, "./vpcEndpointId"), VPC: text(item, "./vpcId"), Service: lastLabel(text(item, "./serviceName")),
		Gateway: text(item, "./vpcEndpointType") == "Gateway", PrivateDNS: text(item, "./privateDnsEnabled") == "true",
		Tables: texts(item, "./routeTableIdSet/item"), Subnets: texts(item, "./subnetIdSet/item"), Groups: texts(item, "./groupSet/item/groupId"),
	}
}

func machine(item *etree.Element) reachability.Instance {
	return reachability.Instance{
		ID: text(item, "./instanceId"), Interface: text(item, "./networkInterfaceSet/item/networkInterfaceId"), Subnet: text(item, "./subnetId"),
		Groups: texts(item, "./groupSet/item/groupId"), Running: text(item, "./instanceState/name") == "running",
		Forwards: text(item, "./sourceDestCheck") == "false", Public: text(item, "./ipAddress") != "",
	}
}

func rule(item *etree.Element) reachability.Rule {
	port := func(name string) int {
		n, err := strconv.Atoi(text(item, "./"+name))
		if err != nil {
			return -1
		}
		return n
	}
	return reachability.Rule{
		Group: text(item, "./groupId"), Egress: text(item, "./isEgress") == "true", Protocol: text(item, "./ipProtocol"),
		From: port("fromPort"), To: port("toPort"), CIDR: text(item, "./cidrIpv4"),
		Peer: text(item, "./referencedGroupInfo/groupId"), PrefixList: text(item, "./prefixListId"),
	}
}
