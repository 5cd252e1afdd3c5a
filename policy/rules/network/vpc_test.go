package network

import (
	"store-events/policy/aws"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

func vpcCases() []Case {
	vpc := R(aws.Vpc, "vpc", Props{})
	in := func(resourceType string, props Props) []Res {
		props["vpcId"] = Ref("vpc")
		return []Res{R(resourceType, "r", props), vpc}
	}
	logs := []Res{R(aws.LogGroup, "logs", Props{}), R(aws.Role, "role", Props{})}
	flow := func(destination any) []Res {
		return append([]Res{R(aws.FlowLog, "flow", Props{"logDestination": destination, "iamRoleArn": Arn("role")})}, logs...)
	}
	named := func(hostnames bool) []Res {
		return []Res{R(aws.Vpc, "vpc", Props{"enableDnsSupport": true, "enableDnsHostnames": hostnames})}
	}
	subnet := func(public bool) []Res { return []Res{R(aws.Subnet, "subnet", Props{"mapPublicIpOnLaunch": public})} }
	return []Case{
		{
			Rule: "vpc-flow-logs", Property: "trafficType",
			Compliant: in(aws.FlowLog, Props{"trafficType": "ALL"}), Violating: []Res{vpc},
			AlsoViolates: map[string][]Res{"accepted only": in(aws.FlowLog, Props{"trafficType": "ACCEPT"})},
		},
		{
			Rule: "vpc-flow-log-destination", Property: "logDestination",
			Compliant: flow(Arn("logs")), Violating: flow("arn:aws:logs:eu-west-1:1:log-group:x"),
		},
		{
			Rule: "vpc-default-sg-closed", Property: "ingress", Missing: Passes,
			Compliant:    in(aws.DefaultSecurityGroup, Props{"ingress": List{}}),
			Violating:    []Res{vpc},
			AlsoViolates: map[string][]Res{"open": in(aws.DefaultSecurityGroup, Props{"egress": List{Props{"protocol": "-1"}}})},
		},
		{
			Rule:         "vpc-no-default-vpc",
			Compliant:    []Res{vpc},
			Violating:    []Res{R(aws.DefaultVpc, "default", Props{})},
			AlsoViolates: map[string][]Res{"subnet": {R(aws.DefaultSubnet, "default", Props{})}},
		},
		{
			Rule: "vpc-dns-enabled", Property: "enableDnsHostnames",
			Compliant: named(true), Violating: named(false),
			AlsoViolates: map[string][]Res{"support off": {R(aws.Vpc, "vpc", Props{"enableDnsSupport": false, "enableDnsHostnames": true})}},
		},
		{
			Rule: "subnet-no-auto-public-ip", Property: "mapPublicIpOnLaunch", Missing: Passes,
			Compliant: subnet(false), Violating: subnet(true),
		},
		{
			Rule: "route-private-no-igw", Property: "gatewayId", On: "route", UnknownPasses: true, WrongTypePasses: true, Missing: Passes,
			Compliant: routed("vgw-1"), Violating: routed(Ref("igw")),
			AlsoPasses: map[string][]Res{"unused": routed(Ref("igw"))[1:]},
		},
	}
}

// routed returns an instance in a subnet whose route table has one route.
func routed(gateway any) []Res {
	return []Res{
		R(aws.Instance, "instance", Props{"subnetId": Ref("subnet")}),
		R(aws.Subnet, "subnet", Props{"availabilityZone": "eu-west-1a"}),
		R(aws.RouteTable, "table", Props{}),
		R(aws.RouteTableAssociation, "association", Props{"subnetId": Ref("subnet"), "routeTableId": Ref("table")}),
		R(aws.Route, "route", Props{"routeTableId": Ref("table"), "destinationCidrBlock": "0.0.0.0/0", "gatewayId": gateway}),
		R(aws.InternetGateway, "igw", Props{}),
	}
}

func gatewayCases() []Case {
	public := []Res{
		R(aws.NatGateway, "nat", Props{"subnetId": Ref("public"), "allocationId": Ref("eip")}),
		R(aws.Eip, "eip", Props{}),
		R(aws.Subnet, "public", Props{"availabilityZone": "eu-west-1a"}),
		R(aws.RouteTable, "public-table", Props{"routes": List{Props{"cidrBlock": "0.0.0.0/0", "gatewayId": Ref("igw")}}}),
		R(aws.RouteTableAssociation, "public-association", Props{"subnetId": Ref("public"), "routeTableId": Ref("public-table")}),
		R(aws.InternetGateway, "igw", Props{}),
	}
	private := func(name, zone string) []Res {
		return []Res{
			R(aws.Subnet, name, Props{"availabilityZone": zone}),
			R(aws.RouteTable, name+"-table", Props{}),
			R(aws.RouteTableAssociation, name+"-association", Props{"subnetId": Ref(name), "routeTableId": Ref(name + "-table")}),
			R(aws.Route, name+"-route", Props{"routeTableId": Ref(name + "-table"), "natGatewayId": Ref("nat")}),
		}
	}
	job := func(table string) []Res {
		return append([]Res{
			R(aws.GlueConnection, "connection", Props{"physicalConnectionRequirements": Props{"subnetId": Ref("app")}}),
			R(aws.VpcEndpoint, "s3", Props{"serviceName": "com.amazonaws.eu-west-1.s3", "vpcEndpointType": "Gateway", "routeTableIds": List{Ref(table)}}),
			R(aws.RouteTable, "other", Props{}),
		}, private("app", "eu-west-1a")...)
	}
	viaMain := []Res{
		R(aws.GlueConnection, "connection", Props{"physicalConnectionRequirements": Props{"subnetId": Ref("app")}}),
		R(aws.VpcEndpoint, "s3", Props{"serviceName": "com.amazonaws.eu-west-1.s3", "routeTableIds": List{Attr("vpc", "mainRouteTableId")}}),
		R(aws.Subnet, "app", Props{"vpcId": Ref("vpc")}), R(aws.Vpc, "vpc", Props{}),
	}
	viaMain = viaMain[:len(viaMain):len(viaMain)]
	isolated := append(job("app-table")[:5:5], job("app-table")[5])
	apis := func(services ...string) []Res {
		all := isolated
		for _, service := range services {
			all = append(all[:len(all):len(all)], R(aws.VpcEndpoint, service, Props{"serviceName": "com.amazonaws.eu-west-1." + service, "vpcEndpointType": "Interface"}))
		}
		return all
	}
	endpoint := func(dns bool, rule Props) []Res {
		rule["securityGroupId"] = Ref("group")
		return []Res{
			R(aws.VpcEndpoint, "endpoint", Props{"vpcEndpointType": "Interface", "privateDnsEnabled": dns, "securityGroupIds": List{Ref("group")}}),
			R(aws.SecurityGroup, "group", Props{}), R(aws.SecurityGroupIngress, "rule", rule),
		}
	}
	policy := func(resource, condition string) []Res {
		return []Res{R(aws.VpcEndpoint, "endpoint", Props{"policy": `{"Statement":{"Effect":"Allow","Principal":"*","Action":"*","Resource":"` +
			resource + `","Condition":` + condition + `}}`})}
	}
	client := Props{"referencedSecurityGroupId": "sg-1"}
	return []Case{
		{
			Rule: "nat-gateway-per-az", Property: "subnetId",
			Compliant:    append(public[:len(public):len(public)], private("app", "eu-west-1a")...),
			Violating:    append(append(public[:len(public):len(public)], private("a", "eu-west-1a")...), private("b", "eu-west-1b")...),
			AlsoViolates: map[string][]Res{"in a private subnet": {R(aws.NatGateway, "nat", Props{"subnetId": Ref("app")}), R(aws.Subnet, "app", Props{})}},
		},
		{
			Rule: "eip-in-use", Property: "allocationId",
			Compliant: public, Violating: public[1:],
			AlsoPasses: map[string][]Res{"of an instance": {R(aws.Eip, "eip", Props{"instance": "i-1"})}},
		},
		{
			Rule: "vpce-s3-gateway", Property: "physicalConnectionRequirements.subnetId", Missing: Passes,
			Compliant: job("app-table"), Violating: job("other"),
			AlsoViolates: map[string][]Res{"a separate table": append(viaMain, R(aws.RouteTable, "table", Props{}),
				R(aws.RouteTableAssociation, "association", Props{"subnetId": Ref("app"), "routeTableId": Ref("table")})),
				"main table without the endpoint": {viaMain[0], viaMain[2], viaMain[3],
					R(aws.VpcEndpoint, "s3", Props{"serviceName": "com.amazonaws.eu-west-1.s3", "routeTableIds": List{Ref("table")}}), R(aws.RouteTable, "table", Props{})}},
			AlsoPasses: map[string][]Res{"main table": viaMain, "default table": {
				R(aws.GlueConnection, "connection", Props{"physicalConnectionRequirements": Props{"subnetId": Ref("app")}}), R(aws.Subnet, "app", Props{}),
				R(aws.VpcEndpoint, "s3", Props{"serviceName": "com.amazonaws.eu-west-1.s3", "routeTableIds": List{Ref("main")}}), R(aws.DefaultRouteTable, "main", Props{}),
			}},
		},
		{
			Rule: "vpce-aws-apis", Property: "physicalConnectionRequirements.subnetId", Missing: Passes,
			Compliant: apis("secretsmanager", "glue", "logs", "kms"), Violating: apis("secretsmanager", "glue", "logs"),
			AlsoPasses: map[string][]Res{
				"NAT":                   job("app-table"),
				"database kept stopped": append(apis("logs"), KeptStopped()...),
			},
		},
		{
			Rule: "vpce-private-dns-and-sg", Property: "privateDnsEnabled",
			Compliant: endpoint(true, tcp(443, 443, client)), Violating: endpoint(false, tcp(443, 443, client)),
			AlsoViolates: map[string][]Res{
				"all ports": endpoint(true, tcp(0, 65535, client)),
				"UDP":       endpoint(true, tcp(443, 443, Props{"ipProtocol": "udp", "referencedSecurityGroupId": "sg-1"})),
				"any":       endpoint(true, tcp(443, 443, Props{"ipProtocol": "-1", "referencedSecurityGroupId": "sg-1"})),
				"a block":   endpoint(true, tcp(443, 443, Props{"cidrIpv4": "10.0.0.0/24"})),
				"a list":    endpoint(true, tcp(443, 443, Props{"prefixListId": "pl-1"})),
				"no group":  {R(aws.VpcEndpoint, "endpoint", Props{"vpcEndpointType": "Interface", "privateDnsEnabled": true})},
			},
		},
		{
			Rule: "vpce-policy-restricted", Property: "policy",
			Compliant: policy("arn:aws:sns:eu-west-1:123456789012:topic", "{}"), Violating: policy("*", "{}"),
			AlsoViolates: map[string][]Res{
				"every bucket":  policy("arn:aws:s3:::*", "{}"),
				"one elsewhere": policy("arn:aws:s3:::bucket/*", "{}"),
				"everyone":      policy("*", `{"StringLike":{"aws:PrincipalAccount":"*"}}`),
				"perhaps":       policy("*", `{"StringEqualsIfExists":{"aws:ResourceAccount":"1"}}`),
				"of a stranger": {R(aws.VpcEndpoint, "endpoint", Props{"policy": `{"Statement":[]}`, "serviceName": "com.amazonaws.vpce.eu-west-1.vpce-svc-1"})},
			},
			AlsoPasses: map[string][]Res{"own callers": policy("*", `{"StringEquals":{"aws:PrincipalAccount":"123456789012"}}`)},
		},
	}
}
