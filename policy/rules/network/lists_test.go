package network

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/policy/aws"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

// The ports of FSBP EC2.19: https://docs.aws.amazon.com/securityhub/latest/userguide/ec2-controls.html
func TestAdministrativePorts(t *testing.T) {
	from := func(block string, first, last int) []Res {
		return []Res{R(aws.SecurityGroupIngress, "rule", Props{"cidrIpv4": block, "ipProtocol": "tcp", "fromPort": first, "toPort": last})}
	}
	ports := []int{20, 21, 22, 23, 25, 110, 135, 143, 445, 1433, 1434, 1521, 3000, 3306, 3389, 4333, 5000, 5432, 5500, 5601, 8080, 8088, 8888, 9200, 9300}
	for _, port := range ports {
		require.True(t, Finds(t, noWorldAdminPort, from("0.0.0.0/0", port, port)), port)
		require.False(t, Finds(t, noWorldAdminPort, from("10.0.0.0/16", port, port)), port)
	}
	for _, port := range []int{19, 24, 26, 80, 443, 1435, 9299} {
		require.False(t, Finds(t, noWorldAdminPort, from("0.0.0.0/0", port, port)), port)
	}
	require.True(t, Finds(t, noWorldAdminPort, from("0.0.0.0/0", 400, 500)), "a range with 445")
}

func TestEgressRoutes(t *testing.T) {
	for _, way := range strings.Fields(`vpcPeeringConnectionId transitGatewayId egressOnlyGatewayId carrierGatewayId localGatewayId coreNetworkArn
		networkInterfaceId instanceId gatewayId natGatewayId vpcEndpointId`) {
		for _, example := range [][]Res{
			{R(aws.Route, "route", Props{way: "x"})}, {R(aws.RouteTable, "table", Props{"routes": List{Props{way: "x"}}})},
			{R(aws.DefaultRouteTable, "table", Props{"routes": List{Props{way: "x"}}})},
		} {
			require.True(t, Finds(t, routeKnownTargets, example), "%s of %s", way, example[0].Type)
			require.False(t, Finds(t, routeKnownTargets, []Res{R(example[0].Type, "x", Props{})}))
		}
	}
	for way, kind := range map[string]string{"gatewayId": aws.InternetGateway, "natGatewayId": aws.NatGateway, "vpcEndpointId": aws.VpcEndpoint} {
		require.False(t, Finds(t, routeKnownTargets, []Res{R(aws.Route, "route", Props{way: Ref("target")}), R(kind, "target", Props{})}), way)
	}
}

// Through an endpoint only the stack's principals may reach only the stack's buckets.
func TestPoliciesOfEndpoints(t *testing.T) {
	endpoint := func(service, action, resource, condition string) []Res {
		return []Res{R(aws.Bucket, "bucket", Props{}), R(aws.VpcEndpoint, "endpoint", Props{
			"serviceName": "com.amazonaws.eu-west-1." + service,
			"policy":      `{"Statement":{"Effect":"Allow","Principal":"*","Action":"` + action + `","Resource":"` + resource + `","Condition":` + condition + `}}`,
		})}
	}
	writes := []string{"s3:PutObject", "s3:ReplicateObject", "s3:PutObjectTagging", "s3:PutObjectAcl"}
	for _, key := range strings.Fields("aws:PrincipalAccount aws:PrincipalArn aws:PrincipalOrgID aws:PrincipalOrgPaths aws:ResourceAccount aws:ResourceOrgID aws:ResourceOrgPaths") {
		condition := `{"StringEquals":{"` + key + `":"x"}}`
		require.False(t, Finds(t, endpointPolicyRestricted, endpoint("s3", "s3:GetObject", "*", condition)), key)
		for _, action := range writes {
			require.Equal(t, strings.HasPrefix(key, "aws:Principal"), Finds(t, endpointPolicyRestricted, endpoint("s3", action, "*", condition)), "%s by %s", action, key)
		}
		require.False(t, Finds(t, endpointPolicyRestricted, endpoint("glue", "glue:*", "*", condition)), key)
	}
	for resource, refused := range map[string][2]bool{ // Reads and writes.
		"arn:aws:s3:::bucket-id/raw/*": {false, false}, "arn:aws:s3:::other/raw/*": {false, true}, "arn:aws:s3:::oth*/raw": {true, true}, "arn:aws:s3:::oth?r": {true, true},
	} {
		require.Equal(t, refused[0], Finds(t, endpointPolicyRestricted, endpoint("s3", "s3:GetObject", resource, "{}")), resource)
		for _, action := range writes {
			require.Equal(t, refused[1], Finds(t, endpointPolicyRestricted, endpoint("s3", action, resource, "{}")), "%s on %s", action, resource)
		}
	}
}

// Subnets with workloads must not have a route to the internet.
func TestSubnetsInUse(t *testing.T) {
	for name, user := range map[string]Res{
		"a database":   R(aws.DBSubnetGroup, "user", Props{"subnetIds": List{Ref("subnet")}}),
		"a connection": R(aws.GlueConnection, "user", Props{"physicalConnectionRequirements": Props{"subnetId": Ref("subnet")}}),
		"a function":   R(aws.Function, "user", Props{"vpcConfig": Props{"subnetIds": List{Ref("subnet")}}}),
		"an instance":  R(aws.Instance, "user", Props{"subnetId": Ref("subnet")}),
	} {
		network := []Res{
			R(aws.Subnet, "subnet", Props{}), R(aws.RouteTable, "table", Props{}), R(aws.InternetGateway, "igw", Props{}),
			R(aws.RouteTableAssociation, "association", Props{"subnetId": Ref("subnet"), "routeTableId": Ref("table")}),
			R(aws.Route, "route", Props{"routeTableId": Ref("table"), "destinationCidrBlock": "0.0.0.0/0", "gatewayId": Ref("igw")}),
		}
		require.False(t, Finds(t, privateNoInternetGateway, network), "a subnet that nothing uses")
		require.True(t, Finds(t, privateNoInternetGateway, append(network, user)), name)
	}
	igw := R(aws.InternetGateway, "igw", Props{})
	main := func(gateway any) []Res {
		return []Res{igw, R(aws.DefaultRouteTable, "main", Props{"routes": List{Props{"gatewayId": gateway}}})}
	}
	require.True(t, Finds(t, privateNoInternetGateway, main(Ref("igw"))))
	require.False(t, Finds(t, privateNoInternetGateway, main("local")))
	for _, key := range []string{"mainRouteTableId", "defaultRouteTableId"} {
		for table, public := range map[string]bool{"rtb-1": true, "rtb-2": false, "": false} {
			example := []Res{igw, R(aws.Vpc, "vpc", Props{key: "rtb-1"}), R(aws.Route, "route", Props{"routeTableId": table, "gatewayId": Ref("igw")})}
			require.Equal(t, public, Finds(t, privateNoInternetGateway, example), "%s in %s", key, table)
		}
	}
}
