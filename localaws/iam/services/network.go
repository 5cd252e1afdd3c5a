package services

import (
	"slices"

	"localaws/iam/policy"
)

// Interfaces contains the subnets and security groups in which a service creates network interfaces.
type Interfaces struct {
	Subnets, Groups []string // IDs
	VPC             string   // ID
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

// CreateFunctionInVPC returns the requests that the execution role must be allowed before Lambda creates or updates a
// function in a VPC. Deletion is checked without an interface, because none exists yet: a condition on ec2:Subnet or an
// interface's ARN does not match. Lambda then fails with InvalidParameterValueException: "The provided execution role
// does not have permissions to call DeleteNetworkInterface on EC2".
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-vpc.html#configuration-vpc-permissions
// https://github.com/hashicorp/terraform-provider-aws/issues/20698
func (p Place) CreateFunctionInVPC(role policy.Principal, in Interfaces) []policy.Request {
	return as(role, slices.Concat(
		p.createInterface(in),
		each("*", nil, "ec2:DescribeNetworkInterfaces", "ec2:DeleteNetworkInterface"),
	)...)
}

// glueTag is a tag of every interface that Glue creates.
const glueTag = "aws-glue-service-resource"

// GlueJobStart returns the requests that Glue makes with the job's role for a run with a connection: it reads the
// network, creates and tags interfaces in the connection's subnet, and deletes them after the run.
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
		// The interface exists, so the context has its subnet.
		deleted := keys("ec2:Subnet", p.arn("ec2", "subnet/"+id))
		requests = append(requests, each(p.arn("ec2", "network-interface/eni-00000000000000000"), deleted, "ec2:DeleteNetworkInterface")...)
	}
	return as(role, requests...)
}
