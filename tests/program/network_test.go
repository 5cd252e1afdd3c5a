package program

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/internal/pulumitest"
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
			in = append(in, s.edge(t, r, s.peer(t, r), s.group(t, r.Get(t, "securityGroupId"))))
		}
		for _, r := range s.all(egressType) {
			leaving = append(leaving, s.edge(t, r, s.group(t, r.Get(t, "securityGroupId")), s.peer(t, r)))
		}
		require.ElementsMatch(t, want, in)
		require.ElementsMatch(t, out, leaving)
		for _, g := range s.all("aws:ec2/securityGroup:SecurityGroup") {
			require.Nil(t, g.Get(t, "ingress"), "%s mixes inline rules with separate rules", g.Name)
			require.Nil(t, g.Get(t, "egress"), g.Name)
		}
	})
}

func (s stack) edge(t *testing.T, r pulumitest.Resource, from, to string) string {
	t.Helper()
	require.Equal(t, "tcp", r.Get(t, "ipProtocol"))
	require.NotEmpty(t, r.Get(t, "description"), r.Name)
	return fmt.Sprintf("%s -> %s %v-%v", from, to, r.Get(t, "fromPort"), r.Get(t, "toPort"))
}

// peer is the other side of a rule: a group, a prefix list or an address block.
func (s stack) peer(t *testing.T, r pulumitest.Resource) string {
	t.Helper()
	for _, key := range []string{"prefixListId", "cidrIpv4"} {
		if v := r.Get(t, key); v != nil {
			return v.(string)
		}
	}
	return s.group(t, r.Get(t, "referencedSecurityGroupId"))
}

func (s stack) group(t *testing.T, groupID any) string {
	t.Helper()
	for _, g := range s.all("aws:ec2/securityGroup:SecurityGroup") {
		if g.ID() == groupID {
			return strings.TrimSuffix(s.names([]pulumitest.Resource{g})[0], "-group")
		}
	}
	t.Fatalf("no group %v", groupID)
	return ""
}

// routesOf are the targets of the routes of a subnet.
func (s stack) routesOf(t *testing.T, subnet pulumitest.Resource) (table string, targets []string) {
	t.Helper()
	for _, a := range s.all("aws:ec2/routeTableAssociation:RouteTableAssociation") {
		if a.Get(t, "subnetId") == subnet.ID() {
			require.Empty(t, table, "%s has two route tables", subnet.Name)
			table = a.Get(t, "routeTableId").(string)
		}
	}
	require.NotEmpty(t, table, "%s has no route table", subnet.Name)
	for _, r := range s.all("aws:ec2/route:Route") {
		if r.Get(t, "routeTableId") == table {
			for _, key := range []string{"gatewayId", "natGatewayId"} {
				if target := r.Get(t, key); target != nil {
					targets = append(targets, key)
				}
			}
		}
	}
	return table, targets
}

func TestRoutes(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		s3 := s.one("aws:ec2/vpcEndpoint:VpcEndpoint", "-s3").Get(t, "routeTableIds").([]any)
		seen := map[string]int{}
		for _, subnet := range s.all("aws:ec2/subnet:Subnet") {
			require.Equal(t, false, subnet.Get(t, "mapPublicIpOnLaunch"))
			layer := strings.Split(s.names([]pulumitest.Resource{subnet})[0], "-")[0]
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
			require.Nil(t, table.Get(t, "routes"), table.Name)
		}
		for _, nat := range s.all("aws:ec2/natGateway:NatGateway") {
			require.Contains(t, nat.Get(t, "subnetId"), "-public-")
		}
	})
}

func TestEndpointsTakeTheAppSubnetsAndTheirOwnGroup(t *testing.T) {
	eachStack(t, func(t *testing.T, s stack) {
		var services []string
		for _, e := range s.all("aws:ec2/vpcEndpoint:VpcEndpoint") {
			require.NotEmpty(t, e.Get(t, "policy"), e.Name)
			if e.Get(t, "vpcEndpointType") != "Interface" {
				continue
			}
			services = append(services, strings.TrimPrefix(e.Get(t, "serviceName").(string), "com.amazonaws."+region+"."))
			require.Equal(t, true, e.Get(t, "privateDnsEnabled"))
			require.Len(t, e.Get(t, "subnetIds"), 2)
			require.Equal(t, []any{s.one("aws:ec2/securityGroup:SecurityGroup", "-endpoints-group").ID()}, e.Get(t, "securityGroupIds"))
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
		require.Equal(t, "10.10.0.0/16", vpc.Get(t, "cidrBlock"))
		closed := s.one("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "")
		require.Equal(t, vpc.ID(), closed.Get(t, "vpcId"))
		require.Nil(t, closed.Get(t, "ingress"))
		require.Nil(t, closed.Get(t, "egress"))
		flow := s.one("aws:ec2/flowLog:FlowLog", "")
		require.Equal(t, vpc.ID(), flow.Get(t, "vpcId"))
		require.Equal(t, "ALL", flow.Get(t, "trafficType"))
		require.Equal(t, s.ARN(s.one("aws:cloudwatch/logGroup:LogGroup", "-flow-logs")), flow.Get(t, "logDestination"))
	})
}
