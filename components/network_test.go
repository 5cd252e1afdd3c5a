package components

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/config"
	"store-events/internal/pulumitest"
)

const (
	ingressType  = "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule"
	egressType   = "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule"
	endpointType = "aws:ec2/vpcEndpoint:VpcEndpoint"
	subnetType   = "aws:ec2/subnet:Subnet"
)

// eachNetwork runs a test on every combination of NAT gateways and endpoints.
func eachNetwork(t *testing.T, test func(t *testing.T, s config.Network, r recorded)) {
	t.Helper()
	for nats := range 3 {
		for _, endpoints := range []bool{true, false} {
			t.Run(fmt.Sprintf("%d gateways, endpoints %t", nats, endpoints), func(t *testing.T) {
				s := settings(t).Network
				s.NatGateways, s.InterfaceEndpoints = nats, endpoints
				test(t, s, buildNetwork(t, environment(), s))
			})
		}
	}
}

// The complete list of allowed connections.
func TestSecurityGroupGraph(t *testing.T) {
	eachNetwork(t, func(t *testing.T, s config.Network, r recorded) {
		want := []string{"job -> job 0-65535", "job -> database 3306-3306", "consumer -> database 3306-3306", "rotation -> database 3306-3306"}
		if s.InterfaceEndpoints {
			want = append(want, "job -> endpoints 443-443", "consumer -> endpoints 443-443", "rotation -> endpoints 443-443")
		}
		leaving := append([]string{"job -> pl-s3 443-443", "consumer -> pl-s3 443-443", "rotation -> pl-s3 443-443"}, want...)
		if s.NatGateways > 0 && !s.InterfaceEndpoints {
			leaving = append(leaving, "job -> 0.0.0.0/0 443-443", "consumer -> 0.0.0.0/0 443-443", "rotation -> 0.0.0.0/0 443-443")
		}
		var in, out []string
		for _, rule := range r.all(ingressType) {
			in = append(in, edge(t, rule, peer(t, rule), group(rule.Get(t, "securityGroupId"))))
		}
		for _, rule := range r.all(egressType) {
			out = append(out, edge(t, rule, group(rule.Get(t, "securityGroupId")), peer(t, rule)))
		}
		require.ElementsMatch(t, want, in)
		require.ElementsMatch(t, leaving, out)
		for _, g := range r.all("aws:ec2/securityGroup:SecurityGroup") {
			require.Nil(t, g.Get(t, "ingress"), "%s mixes inline rules with separate rules", g.Name)
			require.Nil(t, g.Get(t, "egress"), g.Name)
			require.Equal(t, r.one("aws:ec2/vpc:Vpc", "vpc").ID(), g.Get(t, "vpcId"))
		}
	})
}

func edge(t *testing.T, rule pulumitest.Resource, from, to string) string {
	t.Helper()
	require.Equal(t, "tcp", rule.Get(t, "ipProtocol"))
	require.NotEmpty(t, rule.Get(t, "description"), rule.Name)
	return fmt.Sprintf("%s -> %s %v-%v", from, to, rule.Get(t, "fromPort"), rule.Get(t, "toPort"))
}

// peer returns the other side of a rule: a group, a prefix list or an address block.
func peer(t *testing.T, rule pulumitest.Resource) string {
	t.Helper()
	for _, key := range []string{"prefixListId", "cidrIpv4"} {
		if v := rule.Get(t, key); v != nil {
			return v.(string)
		}
	}
	return group(rule.Get(t, "referencedSecurityGroupId"))
}

func group(id any) string {
	return strings.TrimSuffix(strings.TrimPrefix(fmt.Sprint(id), "test-"), "-group-id")
}

func TestRoutes(t *testing.T) {
	eachNetwork(t, func(t *testing.T, s config.Network, r recorded) {
		app := [][]string{
			{"", ""},
			{"natGatewayId test-nat-1-id", "natGatewayId test-nat-1-id"},
			{"natGatewayId test-nat-1-id", "natGatewayId test-nat-2-id"},
		}[s.NatGateways]
		for layer, want := range map[string][]string{
			"public": {"gatewayId test-internet-id", "gatewayId test-internet-id"}, "db": {"", ""}, "app": app,
		} {
			for i := range 2 {
				subnet := r.one(subnetType, fmt.Sprintf("%s-%d", layer, i+1))
				table, target := routeOf(t, r, subnet)
				require.Equal(t, want[i], target, subnet.Name)
				throughS3 := r.one(endpointType, "s3").Get(t, "routeTableIds").([]any)
				if layer == "app" {
					require.Contains(t, throughS3, table)
				} else {
					require.NotContains(t, throughS3, table)
				}
			}
		}
		require.Len(t, r.all("aws:ec2/natGateway:NatGateway"), s.NatGateways)
		for i := range s.NatGateways {
			nat := r.one("aws:ec2/natGateway:NatGateway", fmt.Sprintf("nat-%d", i+1))
			require.True(t, nat.DeleteBeforeReplace, "its address has one gateway at a time")
			require.Equal(t, fmt.Sprintf("test-public-%d-id", i+1), nat.Get(t, "subnetId"))
			require.Equal(t, nat.Name+"-address-id", nat.Get(t, "allocationId"))
			require.True(t, nat.WaitsFor(r.one("aws:ec2/route:Route", "public-internet")))
		}
	})
}

// routeOf returns the table and the only route of a subnet, "" if it has none.
func routeOf(t *testing.T, r recorded, subnet pulumitest.Resource) (table, target string) {
	t.Helper()
	for _, a := range r.all("aws:ec2/routeTableAssociation:RouteTableAssociation") {
		if a.Get(t, "subnetId") == subnet.ID() {
			require.Empty(t, table, "%s has two route tables", subnet.Name)
			table = a.Get(t, "routeTableId").(string)
		}
	}
	require.NotEmpty(t, table, "%s has no route table", subnet.Name)
	for _, route := range r.all("aws:ec2/route:Route") {
		if route.Get(t, "routeTableId") != table {
			continue
		}
		require.Empty(t, target, "%s has two routes", subnet.Name)
		require.Equal(t, "0.0.0.0/0", route.Get(t, "destinationCidrBlock"))
		for _, key := range []string{"gatewayId", "natGatewayId"} {
			if to := route.Get(t, key); to != nil {
				target += key + " " + to.(string)
			}
		}
	}
	return table, target
}

// Existing subnets keep their zones, unless the configuration sets zones.
func TestZonesOfExistingSubnets(t *testing.T) {
	for _, pinned := range []bool{false, true} {
		env := environment()
		env.Zones, env.ZonesPinned = []string{region + "c", region + "a"}, pinned
		r := buildNetwork(t, env, settings(t).Network)
		require.Len(t, r.all(subnetType), 6)
		for _, layer := range []string{"public", "app", "db"} {
			for i, zone := range env.Zones {
				subnet := r.one(subnetType, fmt.Sprintf("%s-%d", layer, i+1))
				require.Equal(t, zone, subnet.Get(t, "availabilityZone"))
				require.Equal(t, false, subnet.Get(t, "mapPublicIpOnLaunch"))
				require.Equal(t, map[bool][]string{false: {"availabilityZone"}}[pinned], subnet.Ignored)
			}
		}
		require.Equal(t, map[string]any{
			"vpcId": "test-vpc-id", "appSubnetIds": []any{"test-app-1-id", "test-app-2-id"}, "appZones": []any{region + "c", region + "a"},
			"dbSubnetIds": []any{"test-db-1-id", "test-db-2-id"},
		}, r.Outputs)
	}
}

func TestEndpoints(t *testing.T) {
	eachNetwork(t, func(t *testing.T, s config.Network, r recorded) {
		var services []string
		for _, e := range r.all(endpointType) {
			service := strings.TrimPrefix(e.Get(t, "serviceName").(string), "com.amazonaws."+region+".")
			if service == "s3" {
				require.Equal(t, "Gateway", e.Get(t, "vpcEndpointType"))
				continue
			}
			services = append(services, service)
			require.Equal(t, "Interface", e.Get(t, "vpcEndpointType"))
			require.Equal(t, true, e.Get(t, "privateDnsEnabled"))
			require.Equal(t, []any{"test-app-1-id", "test-app-2-id"}, e.Get(t, "subnetIds"))
			require.Equal(t, []any{"test-endpoints-group-id"}, e.Get(t, "securityGroupIds"))
			require.Equal(t, []string{"subnetIds"}, e.Replacing, "EC2 refuses a second subnet of a zone, even for a moment")
			require.True(t, e.DeleteBeforeReplace, "its private names are in use until it is deleted")
			prefix := map[bool]string{true: "cloudwatch", false: service}[service == "monitoring"]
			require.Equal(t, map[string]policyStatement{"OwnAccount": {
				Sid: "OwnAccount", Effect: "Allow", Principal: map[string]any{"AWS": "*"}, Action: []string{prefix + ":*"}, Resource: []string{"*"},
				Condition: map[string]map[string]any{
					"StringEquals":         {"aws:PrincipalAccount": account},
					"StringEqualsIfExists": {"aws:ResourceAccount": account}, // Some actions have no resource.
				},
			}}, statements(t, e.Get(t, "policy")))
		}
		var want []string
		if s.InterfaceEndpoints {
			want = []string{"secretsmanager", "glue", "logs", "kms", "sts", "monitoring", "ssm", "ssmmessages"}
		}
		require.ElementsMatch(t, want, services)
	})
}

func TestS3EndpointReachesOnlyTheStacksBucket(t *testing.T) {
	policy := statements(t, buildNetwork(t, environment(), settings(t).Network).one(endpointType, "s3").Get(t, "policy"))
	own := map[string]map[string]any{"StringEquals": {"aws:PrincipalAccount": account, "aws:ResourceAccount": account}}
	require.Equal(t, []string{events, events + "/*"}, policy["StackBucket"].Resource)
	require.Equal(t, own, policy["StackBucket"].Condition)
	require.Equal(t, []string{"s3:GetObject"}, policy["ReadWhatAWSPublishes"].Action)
	for _, resource := range policy["ReadWhatAWSPublishes"].Resource {
		require.NotContains(t, strings.TrimSuffix(resource, "/*"), "*", "a bucket of another account may match a pattern")
		require.Contains(t, resource, region)
	}
	require.Len(t, policy, 2)
}

func TestVpcIsClosedAndLogged(t *testing.T) {
	r := buildNetwork(t, environment(), settings(t).Network)
	vpc := r.one("aws:ec2/vpc:Vpc", "vpc")
	require.Equal(t, "10.10.0.0/16", vpc.Get(t, "cidrBlock"))
	require.Equal(t, true, vpc.Get(t, "enableDnsSupport"), "private names of endpoints need it")
	require.Equal(t, true, vpc.Get(t, "enableDnsHostnames"), "private names of endpoints need it")
	closed := r.one("aws:ec2/defaultSecurityGroup:DefaultSecurityGroup", "default-group")
	require.Equal(t, vpc.ID(), closed.Get(t, "vpcId"))
	require.Nil(t, closed.Get(t, "ingress"))
	require.Nil(t, closed.Get(t, "egress"))

	flow := r.one("aws:ec2/flowLog:FlowLog", "flow-log")
	require.Equal(t, vpc.ID(), flow.Get(t, "vpcId"))
	require.Equal(t, "ALL", flow.Get(t, "trafficType"))
	log := r.one("aws:cloudwatch/logGroup:LogGroup", "flow-logs")
	require.Equal(t, r.ARN(log), flow.Get(t, "logDestination"))
	require.Equal(t, keyArn, log.Get(t, "kmsKeyId"))
	require.True(t, flow.WaitsFor(r.one("aws:iam/rolePolicy:RolePolicy", "flow-log-policy")))
	group := "arn:aws:logs:" + region + ":" + account + ":log-group:/aws/vpc/test"
	policy := r.role("flow-log")
	require.Equal(t, []string{"logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"}, policy["WriteFlowLogs"].Action)
	require.Equal(t, []string{group, group + ":*"}, policy["WriteFlowLogs"].Resource)
	require.Equal(t, []string{"*"}, policy["DescribeLogGroups"].Resource)
	require.Len(t, policy, 2)
}

// A client waits for the routes and rules of everything that it calls when it starts.
func TestDependenciesOfClientsInTheVpc(t *testing.T) {
	eachNetwork(t, func(t *testing.T, s config.Network, r recorded) {
		client := pulumitest.Resource{}
		for _, res := range r.Resources {
			if res.Type == "test:index:Client" {
				client = res
			}
		}
		for _, res := range r.Resources {
			switch kind, _, _ := strings.Cut(res.Type, ":"); {
			case kind != "aws":
			case res.Type == ingressType, res.Type == egressType, res.Type == endpointType,
				res.Type == "aws:ec2/routeTableAssociation:RouteTableAssociation":
				require.True(t, client.WaitsFor(res), res.Name)
			case res.Type == "aws:ec2/route:Route":
				require.Equal(t, s.NatGateways > 0, client.WaitsFor(res), res.Name)
			}
		}
	})
}
