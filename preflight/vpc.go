package preflight

import (
	"context"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"store-events/config"
)

const vpcCheck = "existing-vpc"

// Network is the existing VPC of a plan.
type Network struct {
	VpcID                 string
	AppSubnets, DbSubnets []string
	// EndpointGroup is the security group of the VPC's interface endpoints; empty if
	// routes lead to the AWS APIs.
	EndpointGroup string
	// Workers is the number of workers of a run; each needs an address.
	Workers int
}

// all returns the subnets without duplicates.
func (n *Network) all() []string {
	ids := slices.Sorted(slices.Values(slices.Concat(n.AppSubnets, n.DbSubnets)))
	return slices.Compact(ids)
}

// existingVpc checks the requirements of job, consumer and database in an existing VPC:
// subnets in two zones, DNS, addresses, egress to S3 and the AWS APIs, network ACLs.
func existingVpc(ctx context.Context, r *run) ([]Finding, error) {
	n := r.plan.Network
	if n == nil {
		return nil, nil
	}
	described, err := r.subnets(ctx, n.all())
	if missing(err) {
		return []Finding{{
			ID: vpcCheck, Status: Problem, What: err.Error(),
			Do: "set store-events:appSubnetIds and dbSubnetIds to subnets of this account and region",
		}}, nil
	}
	if err != nil {
		return nil, err
	}
	found := placement(n, described)
	for _, more := range []func(context.Context, *run, []ec2types.Subnet) ([]Finding, error){dns, egress, acls} {
		findings, err := more(ctx, r, described)
		if err != nil {
			return found, err
		}
		found = append(found, findings...)
	}
	found = append(found, addresses(n, described)...)
	return or(found, vpcCheck, n.VpcID+" has two zones, DNS, addresses, and egress to S3 and the AWS APIs"), nil
}

func (r *run) subnets(ctx context.Context, ids []string) ([]ec2types.Subnet, error) {
	out, err := r.ec2.DescribeSubnets(ctx, &ec2.DescribeSubnetsInput{SubnetIds: ids})
	if err != nil {
		return nil, fmt.Errorf("describe subnets: %w", err)
	}
	return out.Subnets, nil
}

// placement compares the subnets with the VPC and its zones.
func placement(n *Network, described []ec2types.Subnet) []Finding {
	var found []Finding
	for key, ids := range map[string][]string{"appSubnetIds": n.AppSubnets, "dbSubnetIds": n.DbSubnets} {
		var subnets []config.Subnet
		for _, s := range described {
			if id := aws.ToString(s.SubnetId); slices.Contains(ids, id) {
				subnets = append(subnets, config.Subnet{ID: id, VpcID: aws.ToString(s.VpcId), Zone: aws.ToString(s.AvailabilityZone)})
			}
		}
		if err := config.CheckSubnets(key, n.VpcID, subnets); err != nil {
			found = append(found, Finding{ID: vpcCheck, Status: Problem, What: err.Error(), Do: "set it to subnets of the VPC in two zones"})
		}
	}
	return found
}

// dns checks the VPC's DNS attributes that private names of endpoints and of the database need.
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-dns-updating.html
func dns(ctx context.Context, r *run, _ []ec2types.Subnet) ([]Finding, error) {
	var found []Finding
	for _, attribute := range []ec2types.VpcAttributeName{ec2types.VpcAttributeNameEnableDnsSupport, ec2types.VpcAttributeNameEnableDnsHostnames} {
		out, err := r.ec2.DescribeVpcAttribute(ctx, &ec2.DescribeVpcAttributeInput{VpcId: &r.plan.Network.VpcID, Attribute: attribute})
		if err != nil {
			return found, fmt.Errorf("describe %s of the VPC: %w", attribute, err)
		}
		value := out.EnableDnsSupport
		if attribute == ec2types.VpcAttributeNameEnableDnsHostnames {
			value = out.EnableDnsHostnames
		}
		if value == nil || !aws.ToBool(value.Value) {
			found = append(found, Finding{
				ID: vpcCheck, Status: Problem, What: fmt.Sprintf("VPC %s has %s disabled: names of the database and of private endpoints do not resolve", r.plan.Network.VpcID, attribute),
				Do: fmt.Sprintf("have the VPC's owner enable it (`aws ec2 modify-vpc-attribute --vpc-id %s --%s`)", r.plan.Network.VpcID, flags[attribute]),
			})
		}
	}
	return found, nil
}

var flags = map[ec2types.VpcAttributeName]string{
	ec2types.VpcAttributeNameEnableDnsSupport:   "enable-dns-support",
	ec2types.VpcAttributeNameEnableDnsHostnames: "enable-dns-hostnames",
}

// addresses checks that the first app subnet has enough addresses for a run of the job.
func addresses(n *Network, described []ec2types.Subnet) []Finding {
	needed := config.JobAddresses(n.Workers)
	for _, s := range described {
		free := int(aws.ToInt32(s.AvailableIpAddressCount))
		if aws.ToString(s.SubnetId) == n.AppSubnets[0] && free < needed {
			return []Finding{{
				ID: vpcCheck, Status: Problem,
				What: fmt.Sprintf("subnet %s has %d free addresses, and the consumer and a run of %d workers need %d", n.AppSubnets[0], free, n.Workers, needed),
				Do:   "put a larger subnet first in store-events:appSubnetIds, or lower store-events:jobWorkers",
			}}
		}
	}
	return nil
}
