package network

import (
	"store-events/policy/aws"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

func reachCases() []Case {
	group := R(aws.SecurityGroup, "group", Props{})
	of := func(name, block string) Res {
		return R(aws.SecurityGroupIngress, name, tcp(443, 443, Props{"securityGroupId": Ref("group"), "cidrIpv4": block}))
	}
	entry := func(props Props) []Res {
		props["networkAclId"] = "acl-1"
		return []Res{R(aws.NetworkACLRule, "rule", props)}
	}
	list := R(aws.PrefixList, "list", Props{"entries": List{Props{"cidr": "0.0.0.0/1"}, Props{"cidr": "128.0.0.0/1"}}})
	outward := Props{"securityGroupId": Ref("group"), "prefixListId": Ref("list"), "ipProtocol": "-1"}
	route := func(props Props) []Res {
		return []Res{R(aws.Route, "route", props), R(aws.InternetGateway, "internet", Props{}), R(aws.NatGateway, "nat", Props{})}
	}
	return []Case{
		{
			Rule: "sg-group-reach", Property: "cidrIpv4", On: "low", Missing: Passes, UnknownPasses: true, WrongTypePasses: true,
			Compliant: []Res{of("low", "16.0.0.0/8"), group},
			Violating: []Res{of("low", "16.0.0.0/8"), of("high", "17.0.0.0/8"), group},
			AlsoViolates: map[string][]Res{
				"a prefix list": {R(aws.SecurityGroupEgress, "rule", outward), list, group},
				"of a group that is not of the stack": {
					R(aws.SecurityGroupRule, "a", tcp(1, 1, Props{"type": "ingress", "securityGroupId": "sg-1", "cidrBlocks": List{"0.0.0.0/8", "16.0.0.0/8"}})),
					R(aws.SecurityGroupRule, "b", tcp(2, 2, Props{"type": "ingress", "securityGroupId": "sg-1", "cidrBlocks": List{"18.0.0.0/8"}})),
				},
			},
			AlsoPasses: map[string][]Res{
				"two groups": {of("low", "16.0.0.0/8"), group, R(aws.SecurityGroup, "other", Props{"ingress": List{
					tcp(443, 443, Props{"cidrBlocks": List{"17.0.0.0/8"}}),
				}})},
				"HTTPS only": {R(aws.SecurityGroupEgress, "rule", tcp(443, 443, Props{"prefixListId": Ref("list")})), list},
			},
		},
		{
			Rule: "sg-of-stack", Property: "vpcSecurityGroupIds",
			Compliant: []Res{R(aws.Instance, "machine", Props{"vpcSecurityGroupIds": List{Ref("group")}}), group},
			Violating: []Res{R(aws.Instance, "machine", Props{"vpcSecurityGroupIds": List{Ref("group"), "sg-1"}}), group},
			AlsoViolates: map[string][]Res{
				"by name":      {R(aws.Instance, "machine", Props{"vpcSecurityGroupIds": List{Ref("group")}, "securityGroups": List{"open"}}), group},
				"the function": {R(aws.Function, "f", Props{"vpcConfig": Props{"securityGroupIds": List{"sg-1"}}}), group},
			},
			AlsoPasses: map[string][]Res{"a function outside a VPC": {R(aws.Function, "f", Props{})}},
		},
		{
			Rule: "nacl-no-world-admin-port", Property: "cidrBlock", Missing: Passes,
			Compliant: entry(Props{"ruleAction": "allow", "protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlock": "10.0.0.0/16"}),
			Violating: entry(Props{"ruleAction": "allow", "protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlock": "0.0.0.0/0"}),
			AlsoViolates: map[string][]Res{
				"in the ACL": {R(aws.DefaultNetworkACL, "acl", Props{"ingress": List{
					Props{"action": "allow", "protocol": -1, "fromPort": 0, "toPort": 0, "ipv6CidrBlock": "::/0"},
				}})},
				"a database": entry(Props{"ruleAction": "allow", "protocol": "tcp", "fromPort": 3306, "toPort": 3306, "cidrBlock": "0.0.0.0/0"}),
			},
			AlsoPasses: map[string][]Res{
				"answers": entry(Props{"ruleAction": "allow", "protocol": "tcp", "fromPort": 1024, "toPort": 65535, "cidrBlock": "0.0.0.0/0"}),
				"denied":  entry(Props{"ruleAction": "deny", "protocol": "tcp", "fromPort": 22, "toPort": 22, "cidrBlock": "0.0.0.0/0"}),
				"outward": entry(Props{"egress": true, "ruleAction": "allow", "protocol": "-1", "cidrBlock": "0.0.0.0/0"}),
				"web":     entry(Props{"ruleAction": "allow", "protocol": "6", "fromPort": 443, "toPort": 443, "cidrBlock": "0.0.0.0/0"}),
			},
		},
		{
			Rule: "route-known-targets", Property: "gatewayId", Missing: Passes,
			Compliant: route(Props{"gatewayId": Ref("internet")}),
			Violating: route(Props{"gatewayId": "vgw-1"}),
			AlsoViolates: map[string][]Res{
				"peering":    route(Props{"vpcPeeringConnectionId": "pcx-1"}),
				"another":    route(Props{"natGatewayId": "nat-1"}),
				"inline":     {R(aws.RouteTable, "table", Props{"routes": List{Props{"transitGatewayId": "tgw-1"}}})},
				"propagated": {R(aws.DefaultRouteTable, "table", Props{"propagatingVgws": List{"vgw-1"}})},
			},
			AlsoPasses: map[string][]Res{"NAT": route(Props{"natGatewayId": Ref("nat")}), "local": route(Props{"gatewayId": "local"})},
		},
	}
}
