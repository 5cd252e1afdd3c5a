package network

import (
	"slices"
	"strings"
	"testing"

	"store-events/policy/aws"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

func TestRules(t *testing.T) {
	Run(t, Rules(), slices.Concat(exposureCases(), groupCases(), pairCases(), vpcCases(), gatewayCases(), reachCases()))
}

// tcp returns a rule for TCP ports, with more properties.
func tcp(from, to int, more Props) Props {
	props := Props{"protocol": "tcp", "ipProtocol": "tcp", "fromPort": from, "toPort": to, "description": "clients"}
	for key, v := range more {
		props[key] = v
	}
	return props
}

func ingressRule(props Props) []Res { return []Res{R(aws.SecurityGroupIngress, "rule", props)} }

func inGroup(d string, props Props) []Res {
	return []Res{R(aws.SecurityGroup, "group", Props{"description": "g", d: List{props}})}
}

func oldRule(d string, props Props) []Res {
	props["type"] = d
	return []Res{R(aws.SecurityGroupRule, "rule", props)}
}

func exposureCases() []Case {
	return []Case{
		{
			Rule: "sg-no-world-ingress", Property: "cidrIpv4", Missing: Passes,
			Compliant: ingressRule(tcp(443, 443, Props{"cidrIpv4": "10.0.0.0/24"})),
			Violating: ingressRule(tcp(443, 443, Props{"cidrIpv4": "0.0.0.0/0"})),
			AlsoViolates: map[string][]Res{
				"IPv6":          ingressRule(tcp(443, 443, Props{"cidrIpv6": "::/0"})),
				"in group":      inGroup("ingress", tcp(443, 443, Props{"cidrBlocks": List{"10.0.0.0/24", "0.0.0.0/0"}})),
				"old rule":      oldRule("ingress", tcp(443, 443, Props{"ipv6CidrBlocks": List{"::/0"}})),
				"a half":        ingressRule(tcp(443, 443, Props{"cidrIpv4": "128.0.0.0/1"})),
				"IPv6 in use":   ingressRule(tcp(443, 443, Props{"cidrIpv6": "2000::/3"})),
				"default group": {R(aws.DefaultSecurityGroup, "default", Props{"ingress": List{tcp(443, 443, Props{"cidrBlocks": List{"0.0.0.0/0"}})}})},
			},
			AlsoPasses: map[string][]Res{
				"outward": oldRule("egress", tcp(443, 443, Props{"cidrBlocks": List{"0.0.0.0/0"}})),
			},
		},
		{
			Rule: "sg-no-world-admin-or-db-port", Property: "cidrIpv4", Missing: Passes,
			Compliant: ingressRule(tcp(22, 22, Props{"cidrIpv4": "10.0.0.0/24"})),
			Violating: ingressRule(tcp(22, 22, Props{"cidrIpv4": "0.0.0.0/0"})),
			AlsoViolates: map[string][]Res{
				"in a range":   inGroup("ingress", tcp(3000, 4000, Props{"cidrBlocks": List{"0.0.0.0/0"}})),
				"any protocol": ingressRule(Props{"ipProtocol": "-1", "cidrIpv6": "::/0"}),
			},
			AlsoPasses: map[string][]Res{"web": ingressRule(tcp(443, 443, Props{"cidrIpv4": "0.0.0.0/0"}))},
		},
		{
			Rule: "sg-no-public-login", Property: "cidrIpv4", Missing: Passes,
			Compliant: ingressRule(tcp(22, 22, Props{"cidrIpv4": "10.0.0.7/32"})),
			Violating: ingressRule(tcp(22, 22, Props{"cidrIpv4": "8.8.8.8/32"})),
			AlsoViolates: map[string][]Res{
				"in a range": inGroup("ingress", tcp(3300, 3400, Props{"cidrBlocks": List{"10.0.0.0/24", "8.8.8.0/29"}})),
				"IPv6":       ingressRule(Props{"ipProtocol": "-1", "cidrIpv6": "2600::7/128"}),
			},
			AlsoPasses: map[string][]Res{
				"web":        ingressRule(tcp(443, 443, Props{"cidrIpv4": "8.8.8.8/32"})),
				"of the VPC": append(ingressRule(tcp(3306, 3306, Props{"cidrIpv4": "8.8.8.8/32"})), R(aws.Vpc, "vpc", Props{"cidrBlock": "8.8.0.0/16"})),
			},
		},
		{
			Rule: "sg-no-wide-cidr-ingress", Property: "cidrIpv4", Missing: Passes,
			Compliant: ingressRule(tcp(443, 443, Props{"cidrIpv4": "10.0.0.0/24"})),
			Violating: ingressRule(tcp(443, 443, Props{"cidrIpv4": "10.0.0.0/16"})),
			AlsoViolates: map[string][]Res{
				"IPv6":          ingressRule(tcp(443, 443, Props{"cidrIpv6": "2001:db8::/32"})),
				"the small VPC": append(ingressRule(tcp(443, 443, Props{"cidrIpv4": "10.0.0.0/26"})), R(aws.Vpc, "vpc", Props{"cidrBlock": "10.0.0.0/26"})),
				"prefix list":   ingressRule(tcp(443, 443, Props{"prefixListId": "pl-1"})),
				"prefix lists":  inGroup("ingress", tcp(443, 443, Props{"prefixListIds": List{"pl-1"}})),
			},
			AlsoPasses: map[string][]Res{"one IPv6 subnet": ingressRule(tcp(443, 443, Props{"cidrIpv6": "2001:db8::/64"}))},
		},
		{
			Rule: "sg-no-open-egress", Property: "cidrIpv4", Missing: Passes,
			Compliant: []Res{R(aws.SecurityGroupEgress, "rule", tcp(443, 443, Props{"cidrIpv4": "0.0.0.0/0"}))},
			Violating: []Res{R(aws.SecurityGroupEgress, "rule", Props{"ipProtocol": "-1", "cidrIpv4": "0.0.0.0/0"})},
			AlsoViolates: map[string][]Res{
				"mail": inGroup("egress", tcp(25, 25, Props{"cidrBlocks": List{"0.0.0.0/0"}})),
			},
			AlsoPasses: map[string][]Res{"prefix list": {R(aws.SecurityGroupEgress, "rule", tcp(443, 443, Props{"prefixListId": "pl-1"}))}},
		},
		{
			Rule: "sg-descriptions", Property: "description",
			Compliant: ingressRule(tcp(443, 443, nil)),
			Violating: ingressRule(tcp(443, 443, Props{"description": "Managed by Pulumi"})),
			AlsoViolates: map[string][]Res{
				"in group":             inGroup("ingress", Props{"fromPort": 1}),
				"an apostrophe":        ingressRule(tcp(443, 443, Props{"description": "a job's workers"})),
				"a line break":         ingressRule(tcp(443, 443, Props{"description": "two\nlines"})),
				"too long":             ingressRule(tcp(443, 443, Props{"description": strings.Repeat("x", 256)})),
				"an umlaut, in group":  inGroup("egress", Props{"fromPort": 1, "description": "für alle"}),
				"apostrophe, of group": {R(aws.SecurityGroup, "group", Props{"description": "the job's"})},
			},
			AlsoPasses: map[string][]Res{
				"all that EC2 accepts": ingressRule(tcp(443, 443, Props{"description": "aZ09. _-:/()#,@[]+=&;{}!$*"})),
				"the longest":          ingressRule(tcp(443, 443, Props{"description": strings.Repeat("x", 255)})),
			},
		},
	}
}

func groupCases() []Case {
	group := R(aws.SecurityGroup, "group", Props{})
	of := func(props Props) []Res {
		props["securityGroupId"] = Ref("group")
		return []Res{R(aws.SecurityGroupIngress, "rule", props), group}
	}
	glue := R(aws.GlueConnection, "connection", Props{"physicalConnectionRequirements": Props{"securityGroupIdLists": List{Ref("group")}}})
	inline := R(aws.SecurityGroup, "group", Props{"ingress": List{tcp(1, 1, nil)}})
	return []Case{
		{
			Rule: "sg-ports-bounded", Property: "fromPort",
			Compliant:    of(tcp(443, 443, nil)),
			Violating:    of(Props{"ipProtocol": "-1"}),
			AlsoViolates: map[string][]Res{"all TCP": of(tcp(0, 65535, nil)), "Glue, from elsewhere": append(of(tcp(0, 65535, Props{"cidrIpv4": "10.0.0.0/24"})), glue)},
			AlsoPasses:   map[string][]Res{"Glue, from itself": append(of(tcp(0, 65535, Props{"referencedSecurityGroupId": Ref("group")})), glue)},
			Missing:      Passes,
		},
		{
			Rule: "sg-no-inline-and-standalone-mix", Property: "securityGroupId", UnknownPasses: true, WrongTypePasses: true, Missing: Passes,
			Compliant: of(tcp(443, 443, nil)),
			Violating: []Res{of(tcp(443, 443, nil))[0], inline},
		},
		{
			Rule: "sg-in-use", Property: "vpcSecurityGroupIds",
			Compliant: []Res{R(aws.DBInstance, "db", Props{"vpcSecurityGroupIds": List{Ref("group")}}), group},
			Violating: []Res{R(aws.DBInstance, "db", Props{"vpcSecurityGroupIds": List{"sg-1"}}), group},
			AlsoPasses: map[string][]Res{
				"a load balancer":        {R("aws:lb/loadBalancer:LoadBalancer", "web", Props{"securityGroups": List{Ref("group")}}), group},
				"deep inside a template": {R("aws:ec2/launchTemplate:LaunchTemplate", "nodes", Props{"networkInterfaces": List{Props{"securityGroups": List{"group-id"}}}}), group},
				"database kept stopped":  append(KeptStopped(), group),
			},
			AlsoViolates: map[string][]Res{"named by a rule only": {
				R(aws.SecurityGroupIngress, "in", Props{"securityGroupId": Ref("group"), "referencedSecurityGroupId": Ref("group")}), group,
			}},
		},
	}
}

func pairCases() []Case {
	database := func(rules ...Res) []Res {
		return append([]Res{
			R(aws.DBInstance, "db", Props{"engine": "mysql", "vpcSecurityGroupIds": List{Ref("group")}}),
			R(aws.SecurityGroup, "group", Props{}), R(aws.SecurityGroup, "client", Props{}),
		}, rules...)
	}
	rule := func(props Props) Res {
		props["securityGroupId"] = Ref("group")
		return R(aws.SecurityGroupIngress, "rule", props)
	}
	client := Props{"referencedSecurityGroupId": Ref("client")}
	connection := func(props Props) []Res {
		return []Res{
			R(aws.GlueConnection, "connection", Props{"physicalConnectionRequirements": Props{"securityGroupIdLists": List{Ref("group")}}}),
			R(aws.SecurityGroup, "group", Props{}), R(aws.SecurityGroup, "client", Props{}), rule(props),
		}
	}
	self := Props{"referencedSecurityGroupId": Ref("group")}
	return []Case{
		{
			Rule: "sg-rds-ingress-known-groups", Property: "referencedSecurityGroupId", On: "rule", Missing: Passes,
			Compliant: database(rule(tcp(3306, 3306, client))),
			Violating: database(rule(tcp(3306, 3306, Props{"cidrIpv4": "10.0.0.0/28"}))),
			AlsoViolates: map[string][]Res{
				"other ports":     database(rule(tcp(3306, 3389, client))),
				"group of others": database(rule(tcp(3306, 3306, Props{"referencedSecurityGroupId": "sg-1"}))),
				"default group":   {R(aws.DBInstance, "db", Props{})},
				"in group": {R(aws.DBInstance, "db", Props{"engine": "mysql", "vpcSecurityGroupIds": List{Ref("group")}}),
					R(aws.SecurityGroup, "group", Props{"ingress": List{tcp(3306, 3306, Props{"cidrBlocks": List{"10.0.0.0/28"}})}})},
			},
		},
		{
			Rule: "sg-rds-no-egress", Property: "vpcSecurityGroupIds", On: "db", Missing: Passes, WrongTypePasses: true,
			Compliant: database(),
			Violating: database(R(aws.SecurityGroupEgress, "out", Props{"securityGroupId": Ref("group"), "cidrIpv4": "10.0.0.0/28"})),
		},
		{
			Rule: "sg-glue-self-rule-present", Property: "physicalConnectionRequirements.securityGroupIdLists",
			Compliant: connection(tcp(0, 65535, self)),
			Violating: connection(tcp(0, 65535, client)),
			AlsoPasses: map[string][]Res{"in group": {connection(Props{})[0],
				R(aws.SecurityGroup, "group", Props{"ingress": List{tcp(0, 65535, Props{"self": true})}})}},
		},
		{
			Rule: "sg-glue-self-rule-only-self", Property: "fromPort", On: "rule", Missing: Passes,
			Compliant:    connection(tcp(443, 443, client)),
			Violating:    connection(tcp(0, 65535, client)),
			AlsoViolates: map[string][]Res{"shared with the database": append(connection(tcp(0, 65535, self)), database()[0])},
			AlsoPasses:   map[string][]Res{"itself": connection(tcp(0, 65535, self))},
		},
	}
}
