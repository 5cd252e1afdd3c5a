package services

import (
	"slices"

	"localaws/iam/policy"
)

// Interfaces say where a service creates network interfaces.
type Interfaces struct {
	Subnets, Groups []string // ids
	VPC             string   // id
}

func (p Place) createInterface(in Interfaces) []policy.Request {
	context := policy.Context{}
	if in.VPC != "" {
		context.Set("ec2:Vpc", p.arn("ec2", "vpc/"+in.VPC))
	}
	requests := each(p.arn("ec2", "network-interface/*"), context, "ec2:CreateNetworkInterface")
	for _, id := range in.Subnets {
		requests = append(requests, each(p.arn("ec2", "subnet/"+id), context, "ec2:CreateNetworkInterface")...)
	}
	for _, id := range in.Groups {
		requests = append(requests, each(p.arn("ec2", "security-group/"+id), context, "ec2:CreateNetworkInterface")...)
	}
	return requests
}

// CreateFunctionInVPC is what Lambda requires of the execution role before it creates or updates a function with
// a VPC. It checks whether the role may delete interfaces at all: no interface exists yet, so the context has no
// subnet, and neither a condition on ec2:Subnet nor an ARN of an interface can match. Lambda refuses the
// function with InvalidParameterValueException: "The provided execution role does not have permissions to call
// DeleteNetworkInterface on EC2".
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
// https://github.com/hashicorp/terraform-provider-aws/issues/20698
func (p Place) CreateFunctionInVPC(role policy.Principal, in Interfaces) []policy.Request {
	return as(role, slices.Concat(
		p.createInterface(in),
		each("*", nil, "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface"),
	)...)
}

// glueTag is on every interface that Glue creates.
const glueTag = "aws-glue-service-resource"

// GlueJobStart is what Glue does as the job's role before a run with a connection: it looks up the network,
// creates interfaces in the connection's subnet, tags them, and deletes them afterwards.
// https://docs.aws.amazon.com/glue/latest/dg/create-service-policy.html
func (p Place) GlueJobStart(role policy.Principal, connection string, in Interfaces) []policy.Request {
	tags := keys("ec2:CreateAction", "CreateNetworkInterface", "aws:RequestTag/"+glueTag, p.arn("glue", "connection/"+connection))
	tags.Set("aws:TagKeys", glueTag)
	requests := slices.Concat(
		each(p.arn("glue", "catalog"), nil, "glue:GetConnection"),
		each(p.arn("glue", "connection/"+connection), nil, "glue:GetConnection"),
		each("*", nil, "ec2:DescribeSubnets", "ec2:DescribeSecurityGroups", "ec2:DescribeVpcEndpoints", "ec2:DescribeRouteTables"),
		p.createInterface(in),
		each(p.arn("ec2", "network-interface/*"), tags, "ec2:CreateTags"),
		each("*", nil, "ec2:DescribeNetworkInterfaces"),
	)
	for _, id := range in.Subnets {
		// The interface exists by now, so its subnet is known.
		deleted := keys("ec2:Subnet", p.arn("ec2", "subnet/"+id))
		requests = append(requests, each(p.arn("ec2", "network-interface/eni-00000000000000000"), deleted, "ec2:DeleteNetworkInterface")...)
	}
	return as(role, requests...)
}
