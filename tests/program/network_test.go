package program

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	ingressType = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	egressType  = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
)

// The whole of who may open connections to whom.
func TestSecurityGroupGraph(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		port := s.config.Database.Port
		want := []string{
			"job -> job 0-65535",
			fmt.Sprintf("job -> database %d-%d", port, port),
			fmt.Sprintf("consumer -> database %d-%d", port, port),
			fmt.Sprintf("rotation -> database %d-%d", port, port),
		}
		out := append([]string{}, want...)
		out = append(out, "job -> pl-s3 443-443", "consumer -> pl-s3 443-443", "rotation -> pl-s3 443-443")
		if s.config.Network.InterfaceEndpoints {
			endpoints := []string{"job -> endpoints 443-443", "consumer -> endpoints 443-443", "rotation -> endpoints 443-443"}
			want, out = append(want, endpoints...), append(out, endpoints...)
		}
		if s.config.Network.NatGateways > 0 {
			out = append(out, "job -> 0.0.0.0/0 443-443", "consumer -> 0.0.0.0/0 443-443", "rotation -> 0.0.0.0/0 443-443")
		}
		var in, leaving []string
		for _, r := range s.all(ingressType) {
			in = append(in, s.edge(t, r, s.peer(t, r), s.group(t, r.get(t, "securityGroupId"))))
		}
		for _, r := range s.all(egressType) {
			leaving = append(leaving, s.edge(t, r, s.group(t, r.get(t, "securityGroupId")), s.peer(t, r)))
		}
		require.ElementsMatch(t, want, in)
		require.ElementsMatch(t, out, leaving)
		for _, g := range s.all("aws:ec2/securityGroup:SecurityGroup") {
			require.Nil(t, g.get(t, "ingress"), "%s mixes inline rules with separate rules", g.Name)
			require.Nil(t, g.get(t, "egress"), g.Name)
		}
	})
}

func (s stack) edge(t *testing.T, r record, from, to string) string {
	t.Helper()
	require.Equal(t, "tcp", r.get(t, "ipProtocol"))
	require.NotEmpty(t, r.get(t, "description"), r.Name)
	return fmt.Sprintf("%s -> %s %v-%v", from, to, r.get(t, "fromPort"), r.get(t, "toPort"))
}

// peer is the other side of a rule: a group, a prefix list or an address block.
func (s stack) peer(t *testing.T, r record) string {
	t.Helper()
	for _, key := range []string{"prefixListId", "cidrIpv4"} {
		if v := r.get(t, key); v != nil {
			return v.(string)
		}
	}
	return s.group(t, r.get(t, "referencedSecurityGroupId"))
}

func (s stack) group(t *testing.T, groupID any) string {
	t.Helper()
	for _, g := range s.all("aws:ec2/securityGroup:SecurityGroup") {
		if id(g) == groupID {
			return strings.TrimSuffix(s.names([]record{g})[0], "-group")
		}
	}
	t.Fatalf("no group %v", groupID)
	return ""
}

// routesOf are the targets of the routes of a subnet.
func (s stack) routesOf(t *testing.T, subnet record) (table string, targets []string) {
	t.Helper()
	for _, a := range s.all("aws:ec2/routeTableAssociation:RouteTableAssociation") {
		if a.get(t, "subnetId") == id(subnet) {
			require.Empty(t, table, "%s has two route tables", subnet.Name)
			table = a.get(t, "routeTableId").(string)
		}
	}
	require.NotEmpty(t, table, "%s has no route table", subnet.Name)
	for _, r := range s.all("aws:ec2/route:Route") {
		if r.get(t, "routeTableId") == table {
			for _, key := range []string{"gatewayId", "natGatewayId"} {
				if target := r.get(t, key); target != nil {
					targets = append(targets, key)
				}
			}
		}
	}
	return table, targets
}

func TestRoutes(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		s3 := s.one("aws:ec2/vpcEndpoint:VpcEndpoint", "-s3").get(t, "routeTableIds").([]any)
		seen := map[string]int{}
		for _, subnet := range s.all("aws:ec2/subnet:Subnet") {
			require.Equal(t, false, subnet.get(t, "mapPublicIpOnLaunch"))
			layer := strings.Split(s.names([]record{subnet})[0], "-")[0]
			seen[layer]++
			table, targets := s.routesOf(t, subnet)
			switch layer {
			case "public":
				require.Equal(t, []string{"gatewayId"}, targets)
			case "app":
				require.Contains(t, s3, table)
				if s.config.Network.NatGateways > 0 {
					require.Equal(t, []string{"natGatewayId"}, targets)
				} else {
					require.Empty(t, targets)
				}
			case "db":
				require.Empty(t, targets, "the database's subnets have no route out")
				require.NotContains(t, s3, table)
			}
		}
		require.Equal(t, map[string]int{"public": 2, "app": 2, "db": 2}, seen)
		for _, table := range s.all("aws:ec2/routeTable:RouteTable") {
			require.Nil(t, table.get(t, "routes"), table.Name)
		}
		for _, nat := range s.all("aws:ec2/natGateway:NatGateway") {
			require.Contains(t, nat.get(t, "subnetId"), "-public-")
		}
	})
}

func TestEndpointsTakeTheAppSubnetsAndTheirOwnGroup(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		var services []string
		for _, e := range s.all("aws:ec2/vpcEndpoint:VpcEndpoint") {
			require.NotEmpty(t, e.get(t, "policy"), e.Name)
			if e.get(t, "vpcEndpointType") != "Interface" {
				continue
			}
			services = append(services, strings.TrimPrefix(e.get(t, "serviceName").(string), "com.amazonaws."+region+"."))
			require.Equal(t, true, e.get(t, "privateDnsEnabled"))
			require.Len(t, e.get(t, "subnetIds"), 2)
			require.Equal(t, []any{id(s.one("aws:ec2/securityGroup:SecurityGroup", "-endpoints-group"))}, e.get(t, "securityGroupIds"))
		}
		var want []string
		if s.config.Network.InterfaceEndpoints {
			want = []string{"secretsmanager", "glue", "logs", "kms", "sts", "monitoring", "ssm", "ssmmessages"}
		}
		require.ElementsMatch(t, want, services)
	})
}

func TestVpcIsClosedAndLogged(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		vpc := s.one("aws:ec2/vpc:Vpc", "")
		require.Equal(t, "10.10.0.0/16", vpc.get(t, "cidrBlock"))
		closed := s.one("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "")
		require.Equal(t, id(vpc), closed.get(t, "vpcId"))
		require.Nil(t, closed.get(t, "ingress"))
		require.Nil(t, closed.get(t, "egress"))
		flow := s.one("aws:ec2/flowLog:FlowLog", "")
		require.Equal(t, id(vpc), flow.get(t, "vpcId"))
		require.Equal(t, "ALL", flow.get(t, "trafficType"))
		require.Equal(t, arn(s.one("aws:cloudwatch/logGroup:LogGroup", "-flow-logs")), flow.get(t, "logDestination"))
	})
}
