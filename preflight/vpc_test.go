package preflight_test

import (
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/require"

	"store-events/deploy/standin"
	"store-events/preflight"
)

// existingVpc runs the check of an existing VPC and returns its findings.
func existingVpc(t *testing.T, a *account, n preflight.Network) []preflight.Finding {
	t.Helper()
	report, err := preflight.Run(t.Context(), preflight.NewClients(a.cfg), preflight.Plan{Stack: "test", Region: region, Network: &n})
	require.NoError(t, err)
	var found []preflight.Finding
	for _, f := range report.Findings {
		if f.ID == "existing-vpc" {
			found = append(found, f)
		}
	}
	require.NotEmpty(t, found)
	return found
}

func TestExistingVpc(t *testing.T) {
	a := newAccount(t)
	client := ec2.NewFromConfig(a.cfg)
	routed, err := standin.NewVpc(t.Context(), a.cfg, false)
	require.NoError(t, err)
	private, err := standin.NewVpc(t.Context(), a.cfg, true)
	require.NoError(t, err)
	of := func(v standin.Vpc) preflight.Network {
		return preflight.Network{VpcID: v.ID, AppSubnets: v.AppSubnets, DbSubnets: v.DbSubnets, EndpointGroup: v.EndpointGroup, Workers: 2}
	}
	problem := func(n preflight.Network, what string) {
		t.Helper()
		found := existingVpc(t, a, n)
		for _, f := range found {
			require.Equal(t, preflight.Problem, f.Status, f.What)
			require.NotEmpty(t, f.Do)
		}
		require.Contains(t, found[0].What, what)
	}
	for _, v := range []standin.Vpc{routed, private} {
		found := existingVpc(t, a, of(v))
		require.Len(t, found, 1)
		require.Equal(t, preflight.OK, found[0].Status, found[0].What)
	}

	n := of(routed)
	n.AppSubnets = []string{routed.AppSubnets[0], "subnet-0123456789abcdef0"}
	problem(n, "subnet-0123456789abcdef0")
	n.AppSubnets = []string{routed.AppSubnets[0], private.AppSubnets[1]}
	problem(n, "subnets of vpcId "+routed.ID)
	n.AppSubnets = []string{routed.AppSubnets[0], routed.DbSubnets[0]}
	problem(n, "subnets in 2 zones")
	n = of(routed)
	n.Workers = 300
	problem(n, "free addresses")
	n = of(routed)
	n.AppSubnets = routed.DbSubnets // In the main table, which has no routes.
	problem(n, "cannot reach S3")
	require.Contains(t, existingVpc(t, a, n)[1].What, "no working interface endpoint with private names for secretsmanager, glue")
	n = of(private)
	n.EndpointGroup = "sg-0123456789abcdef0"
	problem(n, "does not have the group")
	n = of(routed)
	n.EndpointGroup = "sg-0123456789abcdef0"
	problem(n, "no working interface endpoint with private names")
	closed := *a // The NAT gateway leads to S3 too.
	closed.cfg.HTTPClient = answering{"DescribeVpcEndpoints", "<state>available</state>", "<state>deleting</state>"}
	for _, f := range existingVpc(t, &closed, n) {
		require.Contains(t, f.What, "no working interface endpoint with private names")
	}

	// The route exists, but has no target.
	nat := *a
	nat.cfg.HTTPClient = answering{"DescribeRouteTables", "<state>active</state>", "<state>blackhole</state>"}
	found := existingVpc(t, &nat, of(routed))
	require.Equal(t, preflight.Problem, found[0].Status)
	require.Contains(t, found[0].What, "no working interface endpoint with private names for secretsmanager")
	for _, state := range []string{"failed", "deleting", "pendingAcceptance"} {
		broken := *a
		broken.cfg.HTTPClient = answering{"DescribeVpcEndpoints", "<state>available</state>", "<state>" + state + "</state>"}
		found := existingVpc(t, &broken, of(private))
		require.Contains(t, found[0].What, "cannot reach S3")
		require.Regexp(t, `no working interface endpoint with private names for secretsmanager \(vpce-\w+ is `+state+`\), glue`, found[1].What)
	}

	tables, err := client.DescribeRouteTables(t.Context(), &ec2.DescribeRouteTablesInput{Filters: []types.Filter{{Name: aws.String("association.subnet-id"), Values: private.AppSubnets[:1]}}})
	require.NoError(t, err)
	table := tables.RouteTables[0].RouteTableId
	internet, err := client.CreateInternetGateway(t.Context(), &ec2.CreateInternetGatewayInput{})
	require.NoError(t, err)
	_, err = client.AttachInternetGateway(t.Context(), &ec2.AttachInternetGatewayInput{VpcId: &private.ID, InternetGatewayId: internet.InternetGateway.InternetGatewayId})
	require.NoError(t, err)
	_, err = client.CreateRoute(t.Context(), &ec2.CreateRouteInput{RouteTableId: table, DestinationCidrBlock: aws.String("0.0.0.0/0"), GatewayId: internet.InternetGateway.InternetGatewayId})
	require.NoError(t, err)
	problem(of(private), "is public")

	_, err = client.ModifyVpcAttribute(t.Context(), &ec2.ModifyVpcAttributeInput{VpcId: &routed.ID, EnableDnsSupport: &types.AttributeBooleanValue{Value: aws.Bool(false)}})
	require.NoError(t, err)
	problem(of(routed), "enableDnsSupport disabled")
}
