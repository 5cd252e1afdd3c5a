package preflight

import (
	"cmp"
	"context"
	"fmt"
	"net/netip"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
)

// acls checks that the network ACLs of the app subnets allow HTTPS to public addresses
// and the responses, because S3 has public addresses even with a gateway endpoint.
// Unlike security groups, network ACLs are stateless.
// https://docs.aws.amazon.com/vpc/latest/userguide/vpc-network-acls.html
func acls(ctx context.Context, r *run, _ []ec2types.Subnet) ([]Finding, error) {
	n := r.plan.Network
	out, err := r.ec2.DescribeNetworkAcls(ctx, &ec2.DescribeNetworkAclsInput{Filters: []ec2types.Filter{filter("vpc-id", n.VpcID)}})
	if err != nil {
		return nil, fmt.Errorf("describe network ACLs: %w", err)
	}
	var found []Finding
	for _, acl := range out.NetworkAcls {
		for _, a := range acl.Associations {
			subnet := aws.ToString(a.SubnetId)
			if !slices.Contains(n.AppSubnets, subnet) {
				continue
			}
			for _, need := range []struct {
				egress     bool
				from, to   int32
				what, rule string
			}{
				{true, 443, 443, "outbound HTTPS to public addresses, such as those of S3", "an outbound rule for TCP port 443 to 0.0.0.0/0"},
				{false, 32768, 60999, "inbound responses from public addresses, such as those of S3", "an inbound rule for TCP ports 1024 to 65535 from 0.0.0.0/0"},
			} {
				if !lets(acl.Entries, need.egress, need.from, need.to) {
					found = append(found, Finding{
						ID: vpcCheck, Status: Problem, What: fmt.Sprintf("network ACL %s of subnet %s does not allow %s", aws.ToString(acl.NetworkAclId), subnet, need.what),
						Do: "have the VPC's owner add " + need.rule,
					})
				}
			}
		}
	}
	return found, nil
}

// private are the blocks of private addresses.
// https://www.rfc-editor.org/rfc/rfc1918 and rfc6598
var private = []netip.Prefix{
	netip.MustParsePrefix("10.0.0.0/8"), netip.MustParsePrefix("172.16.0.0/12"), netip.MustParsePrefix("192.168.0.0/16"), netip.MustParsePrefix("100.64.0.0/10"),
}

// lets reports whether an ACL allows TCP on the ports, from or to some public
// address. The first matching rule decides. Rules for IPv6 are ignored.
func lets(entries []ec2types.NetworkAclEntry, egress bool, from, to int32) bool {
	sorted := slices.SortedFunc(slices.Values(entries), func(a, b ec2types.NetworkAclEntry) int {
		return cmp.Compare(aws.ToInt32(a.RuleNumber), aws.ToInt32(b.RuleNumber))
	})
	for _, e := range sorted {
		protocol := aws.ToString(e.Protocol)
		block, err := netip.ParsePrefix(aws.ToString(e.CidrBlock))
		if err != nil || slices.ContainsFunc(private, func(p netip.Prefix) bool { return within(block, p) }) {
			continue
		}
		if aws.ToBool(e.Egress) != egress || (protocol != "-1" && protocol != "6") {
			continue
		}
		all := protocol == "-1" || e.PortRange == nil
		if !all && (aws.ToInt32(e.PortRange.To) < from || aws.ToInt32(e.PortRange.From) > to) {
			continue
		}
		if e.RuleAction == ec2types.RuleActionAllow {
			return true
		}
		whole := all || (aws.ToInt32(e.PortRange.From) <= from && aws.ToInt32(e.PortRange.To) >= to)
		if whole && block == anywhere {
			return false
		}
	}
	return false
}
