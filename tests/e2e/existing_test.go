package e2e

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"

	"localaws/awsclient"
	"localaws/credentials"
	"store-events/deploy/standin"
)

// TestExistingVpcAndBucket deploys into an existing VPC and bucket, and runs the
// pipeline. The local AWS enforces routes, endpoints and permissions.
func TestExistingVpcAndBucket(t *testing.T) {
	s := newStack(t)
	s.run(t, nil, "local", "start")
	owner, err := credentials.Read(s.state)
	require.NoError(t, err)
	cfg := awsclient.Signed("us-east-1", s.endpoint(), owner)
	vpc, err := standin.NewVpc(t.Context(), cfg, true)
	require.NoError(t, err)
	app, err := json.Marshal(vpc.AppSubnets)
	require.NoError(t, err)
	_, err = s3.NewFromConfig(cfg, func(o *s3.Options) { o.UsePathStyle = true }).CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("my-own-events")})
	require.NoError(t, err)
	s.settings = fmt.Sprintf("store-events:existingBucket=my-own-events\nstore-events:vpcId=%s\nstore-events:appSubnetIds=%s\nstore-events:endpointGroupId=%s", vpc.ID, app, vpc.EndpointGroup)
	client := ec2.NewFromConfig(cfg)
	count := func() [4]int {
		t.Helper()
		vpcs, err := client.DescribeVpcs(t.Context(), &ec2.DescribeVpcsInput{})
		require.NoError(t, err)
		subnets, err := client.DescribeSubnets(t.Context(), &ec2.DescribeSubnetsInput{})
		require.NoError(t, err)
		tables, err := client.DescribeRouteTables(t.Context(), &ec2.DescribeRouteTablesInput{})
		require.NoError(t, err)
		endpoints, err := client.DescribeVpcEndpoints(t.Context(), &ec2.DescribeVpcEndpointsInput{})
		require.NoError(t, err)
		return [4]int{len(vpcs.Vpcs), len(subnets.Subnets), len(tables.RouteTables), len(endpoints.VpcEndpoints)}
	}
	before := count()

	var demo demoReport
	s.run(t, &demo, "demo", "--events", "50")
	require.Equal(t, 100, demo.Arrived.Rows)
	require.Equal(t, before, count(), "the VPC is unchanged")
	var again engineReport
	s.run(t, &again, "up")
	for _, step := range again.Steps {
		require.Equal(t, "same", step.Op, "%s %s: %v", step.Type, step.Name, step.Diffs)
	}

	var down engineReport
	s.run(t, &down, "down")
	require.Positive(t, down.Changes["delete"])
	for _, step := range down.Steps {
		for _, kind := range []string{"/vpc:", "/subnet:", "/routeTable:", "/vpcEndpoint:", "/route:"} {
			require.NotContains(t, step.Type, "s3/bucketV2", step.Type)
			require.False(t, strings.Contains(step.Type, kind) && strings.HasPrefix(step.Type, "aws:ec2/"), step.Type)
		}
	}
}
