package main

// creations are actions that can tag the resource that they create.
var creations = []string{
	"AllocateAddress", "AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress", "CreateFlowLogs", "CreateInternetGateway", "CreateNatGateway",
	"CreateRouteTable", "CreateSecurityGroup", "CreateSubnet", "CreateVpc", "CreateVpcEndpoint", "RunInstances",
}

// network returns the permissions to change the network and the consumer. Resources of
// EC2 have no names: new ones must have the stack's tags, and only resources with its
// tags can be used, changed or deleted.
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/supported-iam-actions-tagging.html
func (t target) network() []statement {
	// The actions limit the kinds of resources, and the tags the resources.
	kinds := t.arns("ec2", "*/*")
	image := "arn:" + t.partition + ":ec2:" + t.region + "::image/*"
	return []statement{
		t.tagged(allow("CreateWithTags", of("ec2", creations...), kinds), byRequest),
		t.tagged(allow("CreateInOwn", of("ec2", creations...), kinds), byResource),
		// The provider tags the volume afterwards; the interface cannot be tagged.
		allow("RunInstance", of("ec2", "RunInstances"), t.arns("ec2", "volume/*", "network-interface/*")),
		allow("RunImagesOfAmazon", of("ec2", "RunInstances"), []string{image}).when("StringEquals", "ec2:Owner", "amazon"),
		t.tagged(allow("ChangeOwn", of("ec2", "AssociateRouteTable", "AttachInternetGateway", "CreateRoute", "DeleteFlowLogs", "DeleteInternetGateway",
			"DeleteNatGateway", "DeleteRoute", "DeleteRouteTable", "DeleteSecurityGroup", "DeleteSubnet", "DeleteVpc", "DeleteVpcEndpoints",
			"DetachInternetGateway", "DisassociateAddress", "DisassociateRouteTable", "ModifyInstanceAttribute", "ModifyInstanceMetadataOptions",
			"ModifySecurityGroupRules", "ModifySubnetAttribute", "ModifyVolume", "ModifyVpcAttribute", "ModifyVpcEndpoint", "ReleaseAddress", "ReplaceRoute", "ReplaceRouteTableAssociation",
			"RevokeSecurityGroupEgress", "RevokeSecurityGroupIngress", "StartInstances", "StopInstances", "TerminateInstances"), kinds), byResource),
		t.tagged(allow("TagNew", of("ec2", "CreateTags"), kinds), byRequest).when("StringEquals", "ec2:CreateAction", creations...),
		t.tagged(allow("TagOwn", of("ec2", "CreateTags", "DeleteTags"), kinds), byResource),
		// A VPC's default group and an instance's volume are created without tags.
		t.untagged(allow("TagUntagged", of("ec2", "CreateTags"), t.arns("ec2", "security-group/*", "volume/*"))),
		// Lambda leaves untagged interfaces in the subnets and groups of a function. AWS refuses to delete interfaces in use.
		allow("DeleteUntaggedInterfaces", of("ec2", "DeleteNetworkInterface"), t.arns("ec2", "network-interface/*")).
			when("Null", byResource+"/Project", "true"),
		// For the private names of endpoints, which are in hosted zones of AWS.
		allow("NameEndpoints", of("route53", "AssociateVPCWithHostedZone"), anything),
		// For the flow log.
		allow("DeliverLogs", of("logs", "CreateLogDelivery", "DeleteLogDelivery"), anything),
	}
}
