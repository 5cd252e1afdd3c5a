package gateway_test

import (
	"encoding/base64"
	"net/netip"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/stretchr/testify/require"
)

func TestEC2KeepsAttributes(t *testing.T) {
	client := ec2.NewFromConfig(newStack(t, nil).config)
	vpc, err := client.CreateVpc(t.Context(), &ec2.CreateVpcInput{CidrBlock: aws.String("10.10.0.0/16")})
	require.NoError(t, err)
	subnet, err := client.CreateSubnet(t.Context(), &ec2.CreateSubnetInput{VpcId: vpc.Vpc.VpcId, CidrBlock: aws.String("10.10.3.0/24"), AvailabilityZone: aws.String(region + "b")})
	require.NoError(t, err)
	group, err := client.CreateSecurityGroup(t.Context(), &ec2.CreateSecurityGroupInput{VpcId: vpc.Vpc.VpcId, GroupName: aws.String("app"), Description: aws.String("app")})
	require.NoError(t, err)

	t.Run("instance", func(t *testing.T) { testInstance(t, client, subnet.Subnet, *group.GroupId) })
	t.Run("route to an instance", func(t *testing.T) { testInstanceRoute(t, client, subnet.Subnet) })
	t.Run("flow log", func(t *testing.T) { testFlowLog(t, client, *vpc.Vpc.VpcId) })
	t.Run("rule of a new group", func(t *testing.T) { testDefaultRule(t, client, *group.GroupId) })
	t.Run("rule to a prefix list", func(t *testing.T) { testPrefixRule(t, client, *group.GroupId) })
	t.Run("address of a NAT gateway", func(t *testing.T) { testAddressInUse(t, client, *subnet.Subnet.SubnetId) })
	t.Run("endpoint", func(t *testing.T) { testEndpoint(t, client, subnet.Subnet, *group.GroupId) })
}

func testAddressInUse(t *testing.T, client *ec2.Client, subnet string) {
	address, err := client.AllocateAddress(t.Context(), &ec2.AllocateAddressInput{Domain: types.DomainTypeVpc})
	require.NoError(t, err)
	create := func(address *string) (string, error) {
		made, err := client.CreateNatGateway(t.Context(), &ec2.CreateNatGatewayInput{SubnetId: &subnet, AllocationId: address})
		if err != nil {
			return "", err
		}
		return *made.NatGateway.NatGatewayId, nil
	}
	first, err := create(address.AllocationId)
	require.NoError(t, err)
	_, err = create(address.AllocationId)
	require.ErrorContains(t, err, "Resource.AlreadyAssociated: Elastic IP address ["+*address.AllocationId+"] is already associated")
	other, err := client.AllocateAddress(t.Context(), &ec2.AllocateAddressInput{Domain: types.DomainTypeVpc})
	require.NoError(t, err)
	_, err = create(other.AllocationId)
	require.NoError(t, err)
	_, err = client.DeleteNatGateway(t.Context(), &ec2.DeleteNatGatewayInput{NatGatewayId: &first})
	require.NoError(t, err)
	_, err = create(address.AllocationId)
	require.NoError(t, err)
}

func testInstance(t *testing.T, client *ec2.Client, subnet *types.Subnet, group string) {
	script := base64.StdEncoding.EncodeToString([]byte("#!/bin/sh\necho hello"))
	run, err := client.RunInstances(t.Context(), &ec2.RunInstancesInput{
		ImageId: aws.String("ami-0123456789abcdef0"), InstanceType: types.InstanceTypeT3Micro, MinCount: aws.Int32(1), MaxCount: aws.Int32(1),
		UserData:        &script,
		Monitoring:      &types.RunInstancesMonitoringEnabled{Enabled: aws.Bool(true)},
		MetadataOptions: &types.InstanceMetadataOptionsRequest{HttpTokens: types.HttpTokensStateRequired, HttpPutResponseHopLimit: aws.Int32(1)},
		NetworkInterfaces: []types.InstanceNetworkInterfaceSpecification{{
			DeviceIndex: aws.Int32(0), SubnetId: subnet.SubnetId, Groups: []string{group}, AssociatePublicIpAddress: aws.Bool(false),
		}},
		BlockDeviceMappings: []types.BlockDeviceMapping{{
			DeviceName: aws.String("/dev/xvda"), Ebs: &types.EbsBlockDevice{Encrypted: aws.Bool(true), VolumeSize: aws.Int32(30), VolumeType: types.VolumeTypeGp2, KmsKeyId: aws.String("key-1")},
		}},
		TagSpecifications: []types.TagSpecification{{ResourceType: types.ResourceTypeVolume, Tags: []types.Tag{{Key: aws.String("of"), Value: aws.String("consumer")}}}},
	})
	require.NoError(t, err)
	id := *run.Instances[0].InstanceId

	in := describe(t, client, id)
	require.Equal(t, types.HttpTokensStateRequired, in.MetadataOptions.HttpTokens)
	require.EqualValues(t, 1, *in.MetadataOptions.HttpPutResponseHopLimit)
	require.Equal(t, types.InstanceMetadataOptionsStateApplied, in.MetadataOptions.State)
	require.Equal(t, types.MonitoringStateEnabled, in.Monitoring.State)
	require.Equal(t, *subnet.SubnetId, *in.SubnetId)
	require.Equal(t, *subnet.VpcId, *in.VpcId)
	require.Equal(t, region+"b", *in.Placement.AvailabilityZone)
	require.True(t, netip.MustParsePrefix("10.10.3.0/24").Contains(netip.MustParseAddr(*in.PrivateIpAddress)))
	require.Nil(t, in.PublicIpAddress)
	require.Len(t, in.NetworkInterfaces, 1)
	require.Nil(t, in.NetworkInterfaces[0].Association)
	require.Equal(t, group, *in.NetworkInterfaces[0].Groups[0].GroupId)

	volumes, err := client.DescribeVolumes(t.Context(), &ec2.DescribeVolumesInput{VolumeIds: []string{*in.BlockDeviceMappings[0].Ebs.VolumeId}})
	require.NoError(t, err)
	root := volumes.Volumes[0]
	require.True(t, *root.Encrypted)
	require.EqualValues(t, 30, *root.Size)
	require.Equal(t, types.VolumeTypeGp2, root.VolumeType)
	require.Equal(t, "key-1", *root.KmsKeyId)
	require.Equal(t, "consumer", *root.Tags[0].Value)

	data, err := client.DescribeInstanceAttribute(t.Context(), &ec2.DescribeInstanceAttributeInput{InstanceId: &id, Attribute: types.InstanceAttributeNameUserData})
	require.NoError(t, err)
	require.Equal(t, script, *data.UserData.Value)

	_, err = client.ModifyInstanceMetadataOptions(t.Context(), &ec2.ModifyInstanceMetadataOptionsInput{InstanceId: &id, HttpPutResponseHopLimit: aws.Int32(3)})
	require.NoError(t, err)
	in = describe(t, client, id)
	require.EqualValues(t, 3, *in.MetadataOptions.HttpPutResponseHopLimit)
	require.Equal(t, types.HttpTokensStateRequired, in.MetadataOptions.HttpTokens)

	_, err = client.ModifyInstanceMetadataOptions(t.Context(), &ec2.ModifyInstanceMetadataOptionsInput{InstanceId: aws.String("i-0000000000000000f")})
	require.ErrorContains(t, err, "InvalidInstanceID.NotFound")
}

func describe(t *testing.T, client *ec2.Client, id string) types.Instance {
	t.Helper()
	out, err := client.DescribeInstances(t.Context(), &ec2.DescribeInstancesInput{InstanceIds: []string{id}})
	require.NoError(t, err)
	return out.Reservations[0].Instances[0]
}

func testEndpoint(t *testing.T, client *ec2.Client, subnet *types.Subnet, group string) {
	made, err := client.CreateVpcEndpoint(t.Context(), &ec2.CreateVpcEndpointInput{
		VpcId: subnet.VpcId, ServiceName: aws.String("com.amazonaws." + region + ".secretsmanager"), VpcEndpointType: types.VpcEndpointTypeInterface,
		PrivateDnsEnabled: aws.Bool(true), SubnetIds: []string{*subnet.SubnetId}, SecurityGroupIds: []string{group},
	})
	require.NoError(t, err)
	require.True(t, *made.VpcEndpoint.PrivateDnsEnabled)
	id := *made.VpcEndpoint.VpcEndpointId

	get := func() types.VpcEndpoint {
		out, err := client.DescribeVpcEndpoints(t.Context(), &ec2.DescribeVpcEndpointsInput{VpcEndpointIds: []string{id}})
		require.NoError(t, err)
		return out.VpcEndpoints[0]
	}
	require.True(t, *get().PrivateDnsEnabled)
	require.Equal(t, group, *get().Groups[0].GroupId)
	require.JSONEq(t, `{"Statement":[{"Action":"*","Effect":"Allow","Principal":"*","Resource":"*"}]}`, *get().PolicyDocument)

	const policy = `{"Version":"2012-10-17","Statement":[]}`
	_, err = client.ModifyVpcEndpoint(t.Context(), &ec2.ModifyVpcEndpointInput{
		VpcEndpointId: &id, PolicyDocument: aws.String(policy), PrivateDnsEnabled: aws.Bool(false), RemoveSecurityGroupIds: []string{group}, AddSecurityGroupIds: []string{"sg-other"},
	})
	require.NoError(t, err)
	require.False(t, *get().PrivateDnsEnabled)
	require.JSONEq(t, policy, *get().PolicyDocument)
	require.Equal(t, "sg-other", *get().Groups[0].GroupId)

	other, err := client.CreateSubnet(t.Context(), &ec2.CreateSubnetInput{VpcId: subnet.VpcId, CidrBlock: aws.String("10.10.4.0/24"), AvailabilityZone: subnet.AvailabilityZone})
	require.NoError(t, err)
	_, err = client.ModifyVpcEndpoint(t.Context(), &ec2.ModifyVpcEndpointInput{
		VpcEndpointId: &id, AddSubnetIds: []string{*other.Subnet.SubnetId}, RemoveSubnetIds: []string{*subnet.SubnetId},
	})
	require.ErrorContains(t, err, "DuplicateSubnetsInSameZone: Found another VPC endpoint subnet in the availability zone of "+*other.Subnet.SubnetId)
	_, err = client.ModifyVpcEndpoint(t.Context(), &ec2.ModifyVpcEndpointInput{VpcEndpointId: &id, RemoveSubnetIds: []string{*subnet.SubnetId}})
	require.NoError(t, err)
	_, err = client.ModifyVpcEndpoint(t.Context(), &ec2.ModifyVpcEndpointInput{VpcEndpointId: &id, AddSubnetIds: []string{*other.Subnet.SubnetId}})
	require.NoError(t, err)
	require.Equal(t, []string{*other.Subnet.SubnetId}, get().SubnetIds)

	_, err = client.DeleteVpcEndpoints(t.Context(), &ec2.DeleteVpcEndpointsInput{VpcEndpointIds: []string{id}})
	require.NoError(t, err)
}

func testFlowLog(t *testing.T, client *ec2.Client, vpc string) {
	made, err := client.CreateFlowLogs(t.Context(), &ec2.CreateFlowLogsInput{
		ResourceIds: []string{vpc}, ResourceType: types.FlowLogsResourceTypeVpc, TrafficType: types.TrafficTypeAll, MaxAggregationInterval: aws.Int32(60),
		LogDestination: aws.String("arn:aws:logs:eu-west-1:000000000000:log-group:flow"), DeliverLogsPermissionArn: aws.String("arn:aws:iam::000000000000:role/flow"),
		TagSpecifications: []types.TagSpecification{{ResourceType: types.ResourceTypeVpcFlowLog, Tags: []types.Tag{{Key: aws.String("of"), Value: aws.String("network")}}}},
	})
	require.NoError(t, err)
	out, err := client.DescribeFlowLogs(t.Context(), &ec2.DescribeFlowLogsInput{FlowLogIds: made.FlowLogIds})
	require.NoError(t, err)
	log := out.FlowLogs[0]
	require.EqualValues(t, 60, *log.MaxAggregationInterval)
	require.Equal(t, "arn:aws:iam::000000000000:role/flow", *log.DeliverLogsPermissionArn)
	require.Equal(t, "network", *log.Tags[0].Value)
}

// The provider revokes the default rule of a new group in the console's notation.
func testDefaultRule(t *testing.T, client *ec2.Client, group string) {
	own := &ec2.DescribeSecurityGroupRulesInput{Filters: []types.Filter{{Name: aws.String("group-id"), Values: []string{group}}}}
	before, err := client.DescribeSecurityGroupRules(t.Context(), own)
	require.NoError(t, err)
	require.Len(t, before.SecurityGroupRules, 1)
	_, err = client.RevokeSecurityGroupEgress(t.Context(), &ec2.RevokeSecurityGroupEgressInput{GroupId: &group, IpPermissions: []types.IpPermission{
		{IpProtocol: aws.String("-1"), FromPort: aws.Int32(0), ToPort: aws.Int32(0), IpRanges: []types.IpRange{{CidrIp: aws.String("0.0.0.0/0")}}},
	}})
	require.NoError(t, err)
	after, err := client.DescribeSecurityGroupRules(t.Context(), own)
	require.NoError(t, err)
	require.Empty(t, after.SecurityGroupRules)
}

func testPrefixRule(t *testing.T, client *ec2.Client, group string) {
	lists, err := client.DescribePrefixLists(t.Context(), &ec2.DescribePrefixListsInput{Filters: []types.Filter{{Name: aws.String("prefix-list-name"), Values: []string{"com.amazonaws." + region + ".s3"}}}})
	require.NoError(t, err)
	list := lists.PrefixLists[0].PrefixListId
	made, err := client.AuthorizeSecurityGroupEgress(t.Context(), &ec2.AuthorizeSecurityGroupEgressInput{GroupId: &group, IpPermissions: []types.IpPermission{
		{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(3306), ToPort: aws.Int32(3306), IpRanges: []types.IpRange{{CidrIp: aws.String("10.0.0.0/8")}}},
		{IpProtocol: aws.String("tcp"), FromPort: aws.Int32(443), ToPort: aws.Int32(443), PrefixListIds: []types.PrefixListId{{PrefixListId: list, Description: aws.String("to S3")}}},
	}})
	require.NoError(t, err)
	require.Nil(t, made.SecurityGroupRules[0].PrefixListId)
	require.Equal(t, *list, *made.SecurityGroupRules[1].PrefixListId)

	id := *made.SecurityGroupRules[1].SecurityGroupRuleId
	rules, err := client.DescribeSecurityGroupRules(t.Context(), &ec2.DescribeSecurityGroupRulesInput{SecurityGroupRuleIds: []string{id}})
	require.NoError(t, err)
	require.Equal(t, *list, *rules.SecurityGroupRules[0].PrefixListId)
	require.Equal(t, "to S3", *rules.SecurityGroupRules[0].Description)
	groups, err := client.DescribeSecurityGroups(t.Context(), &ec2.DescribeSecurityGroupsInput{GroupIds: []string{group}})
	require.NoError(t, err)
	var targets []string
	for _, p := range groups.SecurityGroups[0].IpPermissionsEgress {
		for _, l := range p.PrefixListIds {
			targets = append(targets, *l.PrefixListId)
		}
	}
	require.Equal(t, []string{*list}, targets)
	_, err = client.RevokeSecurityGroupEgress(t.Context(), &ec2.RevokeSecurityGroupEgressInput{GroupId: &group, SecurityGroupRuleIds: []string{id}})
	require.NoError(t, err)
}

func describeVolumes(t *testing.T, cfg aws.Config) error {
	t.Helper()
	_, err := ec2.NewFromConfig(cfg).DescribeVolumes(t.Context(), &ec2.DescribeVolumesInput{})
	return err
}

// A route to an instance's interface names both, and an instance forwards if its source/destination check is off.
func testInstanceRoute(t *testing.T, client *ec2.Client, subnet *types.Subnet) {
	images, err := client.DescribeImages(t.Context(), &ec2.DescribeImagesInput{Filters: []types.Filter{{Name: aws.String("architecture"), Values: []string{"arm64"}}}})
	require.NoError(t, err)
	require.Len(t, images.Images, 1)
	run, err := client.RunInstances(t.Context(), &ec2.RunInstancesInput{
		ImageId: images.Images[0].ImageId, InstanceType: types.InstanceTypeT4gNano, MinCount: aws.Int32(1), MaxCount: aws.Int32(1),
		NetworkInterfaces: []types.InstanceNetworkInterfaceSpecification{{DeviceIndex: aws.Int32(0), SubnetId: subnet.SubnetId, AssociatePublicIpAddress: aws.Bool(true)}},
	})
	require.NoError(t, err)
	id := *run.Instances[0].InstanceId
	require.True(t, *describe(t, client, id).SourceDestCheck)
	_, err = client.ModifyInstanceAttribute(t.Context(), &ec2.ModifyInstanceAttributeInput{InstanceId: &id, SourceDestCheck: &types.AttributeBooleanValue{Value: aws.Bool(false)}})
	require.NoError(t, err)
	in := describe(t, client, id)
	require.False(t, *in.SourceDestCheck)
	require.False(t, *in.NetworkInterfaces[0].SourceDestCheck)
	require.NotNil(t, in.PublicIpAddress)

	table, err := client.CreateRouteTable(t.Context(), &ec2.CreateRouteTableInput{VpcId: subnet.VpcId})
	require.NoError(t, err)
	route := &ec2.CreateRouteInput{RouteTableId: table.RouteTable.RouteTableId, DestinationCidrBlock: aws.String("0.0.0.0/0"), NetworkInterfaceId: aws.String("eni-0123456789abcdef0")}
	_, err = client.CreateRoute(t.Context(), route)
	require.ErrorContains(t, err, "InvalidNetworkInterfaceID.NotFound")
	route.NetworkInterfaceId = in.NetworkInterfaces[0].NetworkInterfaceId
	_, err = client.CreateRoute(t.Context(), route)
	require.NoError(t, err)
	tables, err := client.DescribeRouteTables(t.Context(), &ec2.DescribeRouteTablesInput{RouteTableIds: []string{*table.RouteTable.RouteTableId}})
	require.NoError(t, err)
	for _, found := range tables.RouteTables[0].Routes {
		if *found.DestinationCidrBlock == "0.0.0.0/0" {
			require.Equal(t, id, *found.InstanceId)
			require.Equal(t, *route.NetworkInterfaceId, *found.NetworkInterfaceId)
			return
		}
	}
	t.Fatal("the route is missing")
}
