package components

import (
	"fmt"

	"github.com/pulumi/pulumi-aws/sdk/v6/go/aws/ec2"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"

	"store-events/config"
)

// newS3Endpoint connects the app subnets to S3; it costs nothing.
func (n *Network) newS3Endpoint(s scope, args *NetworkArgs, tables []*ec2.RouteTable) (*ec2.VpcEndpoint, error) {
	ids := make(pulumi.StringArray, len(tables))
	for i, t := range tables {
		ids[i] = t.ID()
	}
	e, err := ec2.NewVpcEndpoint(s.ctx, s.label("s3"), &ec2.VpcEndpointArgs{
		VpcId:           n.VpcID,
		ServiceName:     pulumi.String(fmt.Sprintf("com.amazonaws.%s.s3", args.Environment.Region)),
		VpcEndpointType: pulumi.String("Gateway"),
		RouteTableIds:   ids,
		Policy:          s3EndpointPolicy(args),
		Tags:            tagged(s.label("s3")),
	}, s.parent)
	if err != nil {
		return nil, fmt.Errorf("s3 endpoint: %w", err)
	}
	n.egressDependencies = append(n.egressDependencies, e)
	return e, nil
}

// newInterfaceEndpoints connects the app subnets to the AWS APIs, if configured.
//
// Other subnets replace an endpoint: the provider adds the new ones and removes the old ones in one
// call, and EC2 refuses a second subnet of a zone (DuplicateSubnetsInSameZone). The old endpoint is
// deleted first, because two endpoints cannot have the same private names.
func (n *Network) newInterfaceEndpoints(s scope, args *NetworkArgs) error {
	if !args.Settings.InterfaceEndpoints {
		return nil
	}
	for _, service := range config.EndpointServices() {
		label := s.label(service)
		e, err := ec2.NewVpcEndpoint(s.ctx, label, &ec2.VpcEndpointArgs{
			VpcId:             n.VpcID,
			ServiceName:       pulumi.String(fmt.Sprintf("com.amazonaws.%s.%s", args.Environment.Region, service)),
			VpcEndpointType:   pulumi.String("Interface"),
			PrivateDnsEnabled: pulumi.Bool(true),
			SubnetIds:         n.AppSubnetIDs,
			SecurityGroupIds:  pulumi.StringArray{n.SecurityGroups.Endpoints},
			Policy:            interfacePolicy(args.Environment, service),
			Tags:              tagged(label),
		}, s.parent, pulumi.ReplaceOnChanges([]string{"subnetIds"}), pulumi.DeleteBeforeReplace(true))
		if err != nil {
			return fmt.Errorf("endpoint %s: %w", service, err)
		}
		n.egressDependencies = append(n.egressDependencies, e)
	}
	return nil
}
