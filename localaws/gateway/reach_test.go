package gateway_test

import (
	"archive/zip"
	"bytes"
	"net/url"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	lambdatypes "github.com/aws/aws-sdk-go-v2/service/lambda/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/stretchr/testify/require"

	"localaws/awsclient"
	"localaws/credentials"
	"localaws/iam/audit"
)

// site is a VPC with a private subnet: S3 through a gateway endpoint, Secrets
// Manager through an interface endpoint, the rest through a NAT gateway.
type site struct {
	ec2                               *ec2.Client
	vpc, subnet, table                string
	gateway, endpoint                 string
	workers, endpoints, secretsEgress string // groups and a rule
}

func newSite(t *testing.T, client *ec2.Client) *site {
	t.Helper()
	ctx := t.Context()
	s := &site{ec2: client}
	vpc, err := client.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.7.0.0/16")})
	require.NoError(t, err)
	s.vpc = *vpc.Vpc.VpcId
	subnets, tables := []string{}, []string{}
	for _, block := range []string{"10.7.1.0/24", "10.7.2.0/24"} {
		subnet, err := client.CreateSubnet(ctx, &ec2.CreateSubnetInput{VpcId: &s.vpc, CidrBlock: &block})
		require.NoError(t, err)
		table, err := client.CreateRouteTable(ctx, &ec2.CreateRouteTableInput{VpcId: &s.vpc})
		require.NoError(t, err)
		_, err = client.AssociateRouteTable(ctx, &ec2.AssociateRouteTableInput{SubnetId: subnet.Subnet.SubnetId, RouteTableId: table.RouteTable.RouteTableId})
		require.NoError(t, err)
		subnets, tables = append(subnets, *subnet.Subnet.SubnetId), append(tables, *table.RouteTable.RouteTableId)
	}
	s.subnet, s.table = subnets[0], tables[0]
	internet, err := client.CreateInternetGateway(ctx, &ec2.CreateInternetGatewayInput{})
	require.NoError(t, err)
	everywhere := aws.String("0.0.0.0/0")
	_, err = client.CreateRoute(ctx, &ec2.CreateRouteInput{RouteTableId: &tables[1], DestinationCidrBlock: everywhere, GatewayId: internet.InternetGateway.InternetGatewayId})
	require.NoError(t, err)
	nat, err := client.CreateNatGateway(ctx, &ec2.CreateNatGatewayInput{SubnetId: &subnets[1], ConnectivityType: types.ConnectivityTypePublic, AllocationId: s.address(t)})
	require.NoError(t, err)
	_, err = client.CreateRoute(ctx, &ec2.CreateRouteInput{RouteTableId: &s.table, DestinationCidrBlock: everywhere, NatGatewayId: nat.NatGateway.NatGatewayId})
	require.NoError(t, err)
	s.groups(t)
	service := func(name string) *string { return aws.String("com.amazonaws." + region + "." + name) }
	made, err := client.CreateVpcEndpoint(ctx, &ec2.CreateVpcEndpointInput{VpcId: &s.vpc, ServiceName: service("s3"), VpcEndpointType: types.VpcEndpointTypeGateway, RouteTableIds: []string{s.table}})
	require.NoError(t, err)
	s.gateway = *made.VpcEndpoint.VpcEndpointId
	made, err = client.CreateVpcEndpoint(ctx, &ec2.CreateVpcEndpointInput{
		VpcId: &s.vpc, ServiceName: service("secretsmanager"), VpcEndpointType: types.VpcEndpointTypeInterface, PrivateDnsEnabled: aws.Bool(true),
		SubnetIds: []string{s.subnet}, SecurityGroupIds: []string{s.endpoints},
	})
	require.NoError(t, err)
	s.endpoint = *made.VpcEndpoint.VpcEndpointId
	return s
}

func (s *site) address(t *testing.T) *string {
	t.Helper()
	a, err := s.ec2.AllocateAddress(t.Context(), &ec2.AllocateAddressInput{Domain: types.DomainTypeVpc})
	require.NoError(t, err)
	return a.AllocationId
}

// groups allows the workers HTTPS to everywhere, and into the endpoint.
func (s *site) groups(t *testing.T) {
	t.Helper()
	for _, g := range []struct {
		id   *string
		name string
	}{{&s.workers, "workers"}, {&s.endpoints, "endpoints"}} {
		made, err := s.ec2.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{VpcId: &s.vpc, GroupName: &g.name, Description: &g.name})
		require.NoError(t, err)
		*g.id = *made.GroupId
	}
	made, err := s.ec2.AuthorizeSecurityGroupIngress(t.Context(), &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &s.endpoints, IpPermissions: []types.IpPermission{
		{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(443), ToPort: aws.Int32(443), UserIdGroupPairs: []types.UserIdGroupPair{{GroupId: &s.workers}}},
	}})
	require.NoError(t, err)
	s.secretsEgress = *made.SecurityGroupRules[0].SecurityGroupRuleId
}

func (s *stack) function(t *testing.T, cfg aws.Config, name string, network *lambdatypes.VpcConfig) {
	t.Helper()
	var code bytes.Buffer
	z := zip.NewWriter(&code)
	_, err := z.Create("index.py")
	require.NoError(t, err)
	require.NoError(t, z.Close())
	_, err = lambda.NewFromConfig(cfg).CreateFunction(t.Context(), &lambda.CreateFunctionInput{
		FunctionName: &name, Runtime: lambdatypes.RuntimePython311, Handler: aws.String("index.handler"), Role: aws.String(roleARN),
		Code: &lambdatypes.FunctionCode{ZipFile: code.Bytes()}, VpcConfig: network,
	})
	require.NoError(t, err)
}

func TestNetworkOfWorkloadsIsEnforced(t *testing.T) {
	s := newStack(t, nil)
	address, log := withAccess(t, s)
	s.iam(t, address, url.Values{"Action": {"CreateRole"}, "RoleName": {"reader"}, "AssumeRolePolicyDocument": {
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}`}})
	s.iam(t, address, url.Values{"Action": {"PutRolePolicy"}, "RoleName": {"reader"}, "PolicyName": {"p"}, "PolicyDocument": {
		`{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}`}})
	root := config(address, s.authority)
	v := newSite(t, ec2.NewFromConfig(root))
	s.function(t, root, "inside", &lambdatypes.VpcConfig{SubnetIds: []string{v.subnet}, SecurityGroupIds: []string{v.workers}})
	s.function(t, root, "outside", nil)

	calls := func(function string) map[string]func() error {
		session, err := s.authority.Issue(credentials.Principal{
			RoleARN: roleARN, SessionName: "shared", Workload: credentials.Workload{Function: function},
		}, time.Hour)
		require.NoError(t, err)
		cfg := awsclient.Signed(region, address, session)
		return map[string]func() error{
			"s3":             func() error { _, err := s3.NewFromConfig(cfg, pathStyle).ListBuckets(t.Context(), nil); return err },
			"secretsmanager": func() error { _, err := secretsmanager.NewFromConfig(cfg).ListSecrets(t.Context(), nil); return err },
			"glue":           func() error { _, err := glue.NewFromConfig(cfg).GetDatabases(t.Context(), nil); return err },
		}
	}
	inside, outside := calls("inside"), calls("outside")
	for name, call := range inside {
		require.NoError(t, call(), name)
	}
	require.Empty(t, log.Denials())

	for _, c := range []struct {
		service, missing string
		remove           func() error
	}{
		{"secretsmanager", "an ingress rule of security group " + v.endpoints + " for TCP port 443 from " + v.workers, func() error {
			_, err := v.ec2.RevokeSecurityGroupIngress(t.Context(), &ec2.RevokeSecurityGroupIngressInput{GroupId: &v.endpoints, SecurityGroupRuleIds: []string{v.secretsEgress}})
			return err
		}},
		{"glue", "an endpoint for glue in VPC " + v.vpc + ", or a route to a NAT gateway in table " + v.table, func() error {
			_, err := v.ec2.DeleteRoute(t.Context(), &ec2.DeleteRouteInput{RouteTableId: &v.table, DestinationCidrBlock: aws.String("0.0.0.0/0")})
			return err
		}},
		{"s3", "the association of endpoint " + v.gateway + " for s3 with route table " + v.table, func() error {
			_, err := v.ec2.ModifyVpcEndpoint(t.Context(), &ec2.ModifyVpcEndpointInput{VpcEndpointId: &v.gateway, RemoveRouteTableIds: []string{v.table}})
			return err
		}},
		{"secretsmanager", "an endpoint for secretsmanager in VPC " + v.vpc, func() error {
			_, err := v.ec2.DeleteVpcEndpoints(t.Context(), &ec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{v.endpoint}})
			return err
		}},
	} {
		require.NoError(t, c.remove())
		began := time.Now()
		err := inside[c.service]()
		require.ErrorContains(t, err, "ConnectTimeout")
		require.ErrorContains(t, err, "function inside cannot reach "+c.service)
		require.ErrorContains(t, err, c.missing)
		require.Less(t, time.Since(began), 5*time.Second, "clients do not retry")
		require.NoError(t, outside[c.service](), "another function with the same role and session name")
		denials := log.Denials()
		last := denials[len(denials)-1]
		require.Equal(t, []string{audit.Network, "function inside"}, []string{last.Kind, last.Workload})
		require.Contains(t, last.Needs, c.missing)
	}
	require.Len(t, log.Denials(), 4)
}
