package mutation

import "store-events/policy/aws"

// ingress allows an address block into a security group.
func ingress(group, block string, from, until int) Change {
	return add(aws.SecurityGroupIngress, "opened", object{
		"securityGroupId": to(aws.SecurityGroup, group, "id"), "description": "opened", "ipProtocol": "tcp",
		"cidrIpv4": block, "fromPort": from, "toPort": until,
	})
}

func egress(group, block string, port int) Change {
	return add(aws.SecurityGroupEgress, "opened", object{
		"securityGroupId": to(aws.SecurityGroup, group, "id"), "description": "opened", "ipProtocol": "tcp",
		"cidrIpv4": block, "fromPort": port, "toPort": port,
	})
}

// part allows a part of the internet into the consumer.
func part(block string) object {
	return object{
		"securityGroupId": to(aws.SecurityGroup, "consumer-group", "id"), "description": "a part", "ipProtocol": "tcp",
		"cidrIpv4": block, "fromPort": 443, "toPort": 443,
	}
}

var network = []Mutation{
	{Rule: "sg-no-public-login", Change: ingress("consumer-group", "8.8.8.8/32", 22, 22)},
	{Rule: "sg-no-world-ingress", Also: []string{"sg-no-wide-cidr-ingress"}, Change: ingress("consumer-group", "0.0.0.0/0", 443, 443)},
	{Rule: "vpc-flow-logs", Change: remove(aws.FlowLog, "flow-log")},
	{Rule: "sg-no-world-admin-or-db-port", Also: []string{"sg-no-wide-cidr-ingress", "sg-no-world-ingress"}, Change: ingress("consumer-group", "0.0.0.0/0", 22, 22)},
	{Rule: "sg-no-wide-cidr-ingress", Change: ingress("consumer-group", "10.10.0.0/16", 443, 443)},
	{Rule: "sg-no-open-egress", Change: egress("consumer-group", "0.0.0.0/0", 25)},
	{Rule: "sg-ports-bounded", Change: ingress("consumer-group", "10.10.10.7/32", 0, 65535)},
	{Rule: "sg-descriptions", Change: unset(aws.SecurityGroupIngress, "job-database-in", "description")},
	{Rule: "sg-no-inline-and-standalone-mix", Change: set(aws.SecurityGroup, "consumer-group", "egress", list{object{
		"description": "mixed", "protocol": "tcp", "fromPort": 443, "toPort": 443, "cidrBlocks": list{"10.10.10.0/24"},
	}})},
	{Rule: "sg-in-use", Change: add(aws.SecurityGroup, "spare-group", object{"description": "left over", "vpcId": to(aws.Vpc, "vpc", "id")})},
	{Rule: "sg-rds-ingress-known-groups", Change: ingress("database-group", "10.10.10.7/32", 3306, 3306)},
	{Rule: "sg-rds-no-egress", Change: egress("database-group", "10.10.10.0/24", 443)},
	{Rule: "sg-glue-self-rule-present", Change: remove(aws.SecurityGroupIngress, "job-workers-in")},
	{Rule: "sg-glue-self-rule-only-self", Also: []string{"sg-ports-bounded"}, Change: add(aws.SecurityGroupIngress, "opened", object{
		"securityGroupId": to(aws.SecurityGroup, "job-group", "id"), "referencedSecurityGroupId": to(aws.SecurityGroup, "consumer-group", "id"),
		"description": "opened", "ipProtocol": "tcp", "fromPort": 0, "toPort": 65535,
	})},
	{Rule: "vpc-flow-log-destination", Change: set(aws.FlowLog, "flow-log", "logDestination", "arn:aws:logs:us-east-1:000000000000:log-group:elsewhere")},
	{Rule: "vpc-default-sg-closed", Change: remove(aws.DefaultSecurityGroup, "default-group")},
	{Rule: "vpc-no-default-vpc", Change: add(aws.DefaultVpc, "default", object{})},
	{Rule: "vpc-dns-enabled", Change: set(aws.Vpc, "vpc", "enableDnsHostnames", false)},
	{Rule: "subnet-no-auto-public-ip", Change: set(aws.Subnet, "public-1", "mapPublicIpOnLaunch", true)},
	{Rule: "route-private-no-igw", Also: []string{"lambda-in-vpc"}, Change: set(aws.RouteTableAssociation, "app-2-routes-1", "routeTableId", to(aws.RouteTable, "public-routes", "id"))},
	{Rule: "nat-gateway-per-az", Stack: "dev", Change: together(add(aws.Eip, "nat-1-address", object{"domain": "vpc"}),
		add(aws.NatGateway, "nat-1", object{"allocationId": to(aws.Eip, "nat-1-address", "id"), "subnetId": to(aws.Subnet, "public-1", "id")}))},
	{Rule: "eip-in-use", Stack: "dev", Change: add(aws.Eip, "spare-address", object{"domain": "vpc"})},
	{Rule: "vpce-s3-gateway", Change: set(aws.VpcEndpoint, "s3", "routeTableIds", list{to(aws.RouteTable, "app-2-routes", "id")})},
	{Rule: "vpce-aws-apis", Change: remove(aws.VpcEndpoint, "secretsmanager")},
	{Rule: "vpce-private-dns-and-sg", Change: set(aws.VpcEndpoint, "glue", "privateDnsEnabled", false)},
	{Rule: "vpce-policy-restricted", Change: unset(aws.VpcEndpoint, "glue", "policy")},
	{Rule: "sg-group-reach", Also: []string{"sg-no-wide-cidr-ingress"}, Change: together(
		add(aws.SecurityGroupIngress, "low", part("16.0.0.0/8")), add(aws.SecurityGroupIngress, "high", part("17.0.0.0/8")))},
	{Rule: "sg-of-stack", Change: set(aws.Instance, "consumer", "vpcSecurityGroupIds",
		list{to(aws.SecurityGroup, "consumer-group", "id"), "sg-0123456789abcdef0"})},
	{Rule: "nacl-no-world-admin-port", Change: add(aws.NetworkACL, "opened", object{
		"vpcId": to(aws.Vpc, "vpc", "id"),
		"ingress": list{object{
			"ruleNo": 90, "protocol": "tcp", "action": "allow", "cidrBlock": "0.0.0.0/0", "fromPort": 22, "toPort": 22,
		}},
	})},
	{Rule: "route-known-targets", Change: add(aws.Route, "peered", object{
		"routeTableId": to(aws.RouteTable, "app-1-routes", "id"), "destinationCidrBlock": "172.16.0.0/12",
		"vpcPeeringConnectionId": "pcx-0123456789abcdef0",
	})},
}
