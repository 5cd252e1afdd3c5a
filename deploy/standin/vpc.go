// Package standin creates replacements of the existing resources that a stack uses, a
// VPC, bucket or secrets, in the local AWS. A preview without an account needs them,
// because the program looks them up.
package standin

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"store-events/config"
)

// Vpc is a typical VPC with two zones: private subnets for applications and databases,
// with egress to S3 and the AWS APIs.
type Vpc struct {
	ID                     string
	AppSubnets, DbSubnets  []string
	EndpointGroup          string // Empty with a NAT gateway.
	region                 string
	publicSubnet, appTable string
}

// NewVpc creates a VPC whose app subnets reach the AWS APIs by interface endpoints, or
// otherwise by a NAT gateway.
func NewVpc(ctx context.Context, cfg aws.Config, endpoints bool) (Vpc, error) {
	client := ec2.NewFromConfig(cfg)
	v := Vpc{region: cfg.Region}
	steps := []func(context.Context, *ec2.Client) error{v.subnets, v.tables, v.s3, v.nat}
	if endpoints {
		steps[len(steps)-1] = v.interfaces
	}
	for _, step := range steps {
		if err := step(ctx, client); err != nil {
			return v, fmt.Errorf("create a VPC in the local AWS: %w", err)
		}
	}
	return v, nil
}

func (v *Vpc) subnets(ctx context.Context, client *ec2.Client) error {
	vpc, err := client.CreateVpc(ctx, &ec2.CreateVpcInput{CidrBlock: aws.String("10.99.0.0/16")})
	if err != nil {
		return err
	}
	v.ID = *vpc.Vpc.VpcId
	for _, attribute := range []*ec2.ModifyVpcAttributeInput{
		{VpcId: &v.ID, EnableDnsSupport: &types.AttributeBooleanValue{Value: aws.Bool(true)}},
		{VpcId: &v.ID, EnableDnsHostnames: &types.AttributeBooleanValue{Value: aws.Bool(true)}},
	} {
		if _, err := client.ModifyVpcAttribute(ctx, attribute); err != nil {
			return err
		}
	}
	for i, to := range []*[]string{&v.AppSubnets, &v.AppSubnets, &v.DbSubnets, &v.DbSubnets, nil} {
		zone := v.region + string(rune('a'+i%config.Zones))
		made, err := client.CreateSubnet(ctx, &ec2.CreateSubnetInput{
			VpcId: &v.ID, CidrBlock: aws.String(fmt.Sprintf("10.99.%d.0/24", i)), AvailabilityZone: &zone,
		})
		if err != nil {
			return err
		}
		if to == nil {
			v.publicSubnet = *made.Subnet.SubnetId
			continue
		}
		*to = append(*to, *made.Subnet.SubnetId)
	}
	return nil
}

// tables creates a route table for the app subnets; the others use the VPC's main table.
func (v *Vpc) tables(ctx context.Context, client *ec2.Client) error {
	var err error
	v.appTable, err = v.table(ctx, client, v.AppSubnets...)
	return err
}

func (v *Vpc) table(ctx context.Context, client *ec2.Client, subnets ...string) (string, error) {
	made, err := client.CreateRouteTable(ctx, &ec2.CreateRouteTableInput{VpcId: &v.ID})
	if err != nil {
		return "", err
	}
	id := *made.RouteTable.RouteTableId
	for _, subnet := range subnets {
		if _, err := client.AssociateRouteTable(ctx, &ec2.AssociateRouteTableInput{RouteTableId: &id, SubnetId: &subnet}); err != nil {
			return "", err
		}
	}
	return id, nil
}

func (v *Vpc) s3(ctx context.Context, client *ec2.Client) error {
	_, err := client.CreateVpcEndpoint(ctx, &ec2.CreateVpcEndpointInput{
		VpcId: &v.ID, ServiceName: v.service("s3"), VpcEndpointType: types.VpcEndpointTypeGateway, RouteTableIds: []string{v.appTable},
	})
	return err
}

func (v *Vpc) service(name string) *string {
	return aws.String(fmt.Sprintf("com.amazonaws.%s.%s", v.region, name))
}

func (v *Vpc) nat(ctx context.Context, client *ec2.Client) error {
	internet, err := client.CreateInternetGateway(ctx, &ec2.CreateInternetGatewayInput{})
	if err != nil {
		return err
	}
	gateway := internet.InternetGateway.InternetGatewayId
	if _, err := client.AttachInternetGateway(ctx, &ec2.AttachInternetGatewayInput{VpcId: &v.ID, InternetGatewayId: gateway}); err != nil {
		return err
	}
	public, err := v.table(ctx, client, v.publicSubnet)
	if err != nil {
		return err
	}
	everywhere := aws.String("0.0.0.0/0")
	if _, err := client.CreateRoute(ctx, &ec2.CreateRouteInput{RouteTableId: &public, DestinationCidrBlock: everywhere, GatewayId: gateway}); err != nil {
		return err
	}
	ip, err := client.AllocateAddress(ctx, &ec2.AllocateAddressInput{Domain: types.DomainTypeVpc})
	if err != nil {
		return err
	}
	nat, err := client.CreateNatGateway(ctx, &ec2.CreateNatGatewayInput{
		SubnetId: &v.publicSubnet, AllocationId: ip.AllocationId, ConnectivityType: types.ConnectivityTypePublic,
	})
	if err != nil {
		return err
	}
	_, err = client.CreateRoute(ctx, &ec2.CreateRouteInput{
		RouteTableId: &v.appTable, DestinationCidrBlock: everywhere, NatGatewayId: nat.NatGateway.NatGatewayId,
	})
	return err
}

func (v *Vpc) interfaces(ctx context.Context, client *ec2.Client) error {
	group, err := client.CreateSecurityGroup(ctx, &ec2.CreateSecurityGroupInput{
		VpcId: &v.ID, GroupName: aws.String("endpoints"), Description: aws.String("Interface endpoints of the AWS APIs"),
	})
	if err != nil {
		return err
	}
	v.EndpointGroup = *group.GroupId
	for _, name := range config.EndpointServices() {
		_, err := client.CreateVpcEndpoint(ctx, &ec2.CreateVpcEndpointInput{
			VpcId: &v.ID, ServiceName: v.service(name), VpcEndpointType: types.VpcEndpointTypeInterface,
			PrivateDnsEnabled: aws.Bool(true), SubnetIds: v.AppSubnets, SecurityGroupIds: []string{v.EndpointGroup},
		})
		if err != nil {
			return fmt.Errorf("endpoint for %s: %w", name, err)
		}
	}
	return nil
}
