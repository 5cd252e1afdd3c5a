package preflight

import (
	"context"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"

	"store-events/config"
)

// egress checks that each app subnet reaches S3 and the AWS APIs: by an endpoint,
// or by a default route that does not need a public address.
func egress(ctx context.Context, r *run, described []ec2types.Subnet) ([]Finding, error) {
	n := r.plan.Network
	tables, err := r.ec2.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{Filters: []ec2types.Filter{filter("vpc-id", n.VpcID)}})
	if err != nil {
		return nil, fmt.Errorf("describe route tables: %w", err)
	}
	endpoints, err := r.endpoints(ctx, n.VpcID)
	if err != nil {
		return nil, fmt.Errorf("describe endpoints: %w", err)
	}
	var found []Finding
	for _, s := range described {
		id := aws.ToString(s.SubnetId)
		if !slices.Contains(n.AppSubnets, id) {
			continue
		}
		p := egressPath{n, id, tableOf(tables.RouteTables, id), endpoints}
		found = append(found, p.check(r.plan.Region)...)
	}
	return found, nil
}

// endpoints returns the endpoints of a VPC.
func (r *run) endpoints(ctx context.Context, vpc string) (all []ec2types.VpcEndpoint, err error) {
	pages := ec2.NewDescribeVpcEndpointsPaginator(r.ec2, &ec2.DescribeVpcEndpointsInput{Filters: []ec2types.Filter{filter("vpc-id", vpc)}})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, e := range page.VpcEndpoints {
			if aws.ToString(e.VpcId) == vpc {
				all = append(all, e)
			}
		}
	}
	return all, nil
}

// anywhere is every IPv4 address; the stack does not use IPv6.
var anywhere = netip.MustParsePrefix("0.0.0.0/0")

// egressPath is the egress of one subnet.
type egressPath struct {
	*Network
	subnet    string
	table     ec2types.RouteTable
	endpoints []ec2types.VpcEndpoint
}

// tableOf returns the route table of a subnet, the VPC's main table if the subnet has none.
func tableOf(tables []ec2types.RouteTable, subnet string) (main ec2types.RouteTable) {
	for _, t := range tables {
		for _, a := range t.Associations {
			if aws.ToString(a.SubnetId) == subnet {
				return t
			}
			if aws.ToBool(a.Main) {
				main = t
			}
		}
	}
	return main
}

func (p egressPath) check(region string) []Finding {
	out, public := p.defaultRoute()
	var found []Finding
	if public {
		found = append(found, Finding{
			ID: vpcCheck, Status: Problem,
			What: fmt.Sprintf("subnet %s is public: its route table %s leads to an internet gateway, and job, consumer and rotation function have no public addresses", p.subnet, aws.ToString(p.table.RouteTableId)),
			Do:   "set store-events:appSubnetIds to private subnets",
		})
	}
	s3 := slices.ContainsFunc(p.endpoints, func(e ec2types.VpcEndpoint) bool {
		return serves(e) && e.VpcEndpointType == ec2types.VpcEndpointTypeGateway && strings.HasSuffix(aws.ToString(e.ServiceName), ".s3") &&
			slices.Contains(e.RouteTableIds, aws.ToString(p.table.RouteTableId))
	})
	if !s3 && !out { // The security groups allow S3's addresses on any route.
		found = append(found, Finding{
			ID: vpcCheck, Status: Problem, What: fmt.Sprintf("subnet %s cannot reach S3: Glue refuses to start a job there", p.subnet),
			Do: fmt.Sprintf("have the VPC's owner add a gateway endpoint (`aws ec2 create-vpc-endpoint --vpc-id %s --service-name com.amazonaws.%s.s3 --route-table-ids %s`), which is free", p.VpcID, region, aws.ToString(p.table.RouteTableId)),
		})
	}
	if out && p.EndpointGroup == "" {
		return found
	}
	return append(found, p.apis(region)...)
}

// serves reports whether an endpoint is available. AWS's states begin with a lower-case
// letter, the SDK's with a capital.
func serves(e ec2types.VpcEndpoint) bool {
	return strings.EqualFold(string(e.State), string(ec2types.StateAvailable))
}

// defaultRoute reports whether a default route leads out of the VPC, and whether its
// target is an internet gateway, which works only with public addresses. It does not
// check the routes behind a transit gateway or an appliance.
func (p egressPath) defaultRoute() (out, public bool) {
	for _, route := range p.table.Routes {
		if covers(route, anywhere) {
			public = strings.HasPrefix(aws.ToString(route.GatewayId), "igw-")
			return !public, public
		}
	}
	return false, false
}

// apis reports interface endpoints that are missing, are not available, lack private names,
// or do not have the configured security group.
func (p egressPath) apis(region string) []Finding {
	var absent, closed []string
	for _, service := range config.EndpointServices() {
		broken := ""
		i := slices.IndexFunc(p.endpoints, func(e ec2types.VpcEndpoint) bool {
			of := aws.ToString(e.ServiceName) == fmt.Sprintf("com.amazonaws.%s.%s", region, service) && aws.ToBool(e.PrivateDnsEnabled)
			if of && !serves(e) {
				broken = fmt.Sprintf(" (%s is %s)", aws.ToString(e.VpcEndpointId), e.State)
			}
			return of && serves(e)
		})
		switch {
		case i < 0:
			absent = append(absent, service+broken)
		case p.EndpointGroup != "" && !slices.ContainsFunc(p.endpoints[i].Groups, func(g ec2types.SecurityGroupIdentifier) bool { return aws.ToString(g.GroupId) == p.EndpointGroup }):
			closed = append(closed, aws.ToString(p.endpoints[i].VpcEndpointId)+" for "+service)
		}
	}
	var found []Finding
	if len(absent) > 0 {
		found = append(found, Finding{
			ID: vpcCheck, Status: Problem,
			What: fmt.Sprintf("VPC %s has no working interface endpoint with private names for %s, and subnet %s cannot reach these APIs otherwise", p.VpcID, list(absent), p.subnet),
			Do:   "have the VPC's owner add the endpoints, or route the subnets to a NAT gateway and remove store-events:endpointGroupId",
		})
	}
	if len(closed) > 0 {
		found = append(found, Finding{
			ID: vpcCheck, Status: Problem,
			What: fmt.Sprintf("endpoint %s does not have the group of store-events:endpointGroupId (%q), so the rules for job and consumer do not apply to it", list(closed), p.EndpointGroup),
			Do:   "set store-events:endpointGroupId to a group that all of them have",
		})
	}
	return found
}
