package preflight

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/smithy-go"
)

const serverCheck = "existing-database"

// Server is the existing database server of a plan.
type Server struct {
	Host, Name string
	Port       int
	// Either GroupID, its security group, or Cidr, the block of its addresses, is set.
	GroupID, Cidr string
	// Administrator is the secret with which users are created. Users are the secrets of
	// existing users, by setting.
	Administrator string
	Users         map[string]string
	// Connections is how many connections a run opens.
	Connections int
}

// existingServer checks an existing database without connecting to it: the secrets, the
// routes, and the settings of an RDS server. The first update checks the rest from inside the VPC.
func existingServer(ctx context.Context, r *run) ([]Finding, error) {
	if r.plan.Server == nil {
		return nil, nil
	}
	var found []Finding
	var failed error
	for _, check := range []func(context.Context, *run) ([]Finding, error){serverSecrets, serverGroup, serverRoute, serverOnRDS} {
		findings, err := check(ctx, r)
		found = append(found, findings...)
		if err != nil && failed == nil { // Continue with the other checks.
			failed = err
		}
	}
	if failed != nil {
		return found, failed
	}
	return or(found, serverCheck, r.plan.Server.Host+" has valid secrets and no known problem; the first update connects to it"), nil
}

func serverFinding(status Status, what, do string) []Finding {
	return []Finding{{ID: serverCheck, Status: status, What: what, Do: do}}
}

// serverGroup checks that rules in the server's security group can refer to the stack's
// groups: both must be in the same VPC, or in peered VPCs.
// https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html#security-group-referencing
func serverGroup(ctx context.Context, r *run) ([]Finding, error) {
	id := r.plan.Server.GroupID
	if id == "" {
		return nil, nil
	}
	out, err := r.ec2.DescribeSecurityGroups(ctx, &ec2.DescribeSecurityGroupsInput{GroupIds: []string{id}})
	if noGroup(err) || (err == nil && len(out.SecurityGroups) == 0) {
		return serverFinding(Problem, fmt.Sprintf("security group %s of store-events:databaseGroupId does not exist in %s", id, r.plan.Region),
			"set it to the group of "+r.plan.Server.Host), nil
	}
	if err != nil {
		return nil, fmt.Errorf("describe the database's security group: %w", err)
	}
	vpc := aws.ToString(out.SecurityGroups[0].VpcId)
	switch {
	case r.plan.Network == nil:
		return serverFinding(Problem, fmt.Sprintf("security group %s is in %s, and the stack would create a VPC without a route to it", id, vpc),
			"set store-events:vpcId to "+vpc+", with subnets of it"), nil
	case vpc != r.plan.Network.VpcID:
		return serverFinding(Warning, fmt.Sprintf("security group %s is in %s, and the stack in %s: rules between them work only if the VPCs are peered", id, vpc, r.plan.Network.VpcID),
			"set store-events:vpcId to "+vpc+", or store-events:databaseCidr instead of databaseGroupId if they are connected in another way"), nil
	}
	return nil, nil
}

// noGroup reports whether an error means that the security group does not exist.
func noGroup(err error) bool {
	var api smithy.APIError
	return errors.As(err, &api) && strings.HasPrefix(api.ErrorCode(), "InvalidGroup")
}

// serverRoute checks that the app subnets have routes to the server's addresses.
func serverRoute(ctx context.Context, r *run) ([]Finding, error) {
	block, err := netip.ParsePrefix(r.plan.Server.Cidr)
	if err != nil { // Without a block, serverGroup checks the group.
		return nil, nil
	}
	if r.plan.Network == nil {
		return serverFinding(Warning, fmt.Sprintf("the stack would create a VPC that can reach only public addresses, and %s is in %s", r.plan.Server.Host, block),
			"set store-events:vpcId to a VPC with a route to the server, unless its address is public and store-events:natGateways is not 0"), nil
	}
	n := r.plan.Network
	tables, err := r.ec2.DescribeRouteTables(ctx, &ec2.DescribeRouteTablesInput{Filters: []ec2types.Filter{filter("vpc-id", n.VpcID)}})
	if err != nil {
		return nil, fmt.Errorf("describe route tables: %w", err)
	}
	var found []Finding
	for _, subnet := range n.AppSubnets {
		table := tableOf(tables.RouteTables, subnet)
		leads := slices.ContainsFunc(table.Routes, func(route ec2types.Route) bool { return covers(route, block) })
		if !leads {
			found = append(found, serverFinding(Problem, fmt.Sprintf("no route of subnet %s (table %s) leads to %s, the addresses of %s", subnet, aws.ToString(table.RouteTableId), block, r.plan.Server.Host),
				"have the VPC's owner add a route, or set store-events:appSubnetIds to other subnets")...)
		}
	}
	return found, nil
}

// covers reports whether an active route covers the whole block.
func covers(route ec2types.Route, block netip.Prefix) bool {
	to, err := netip.ParsePrefix(aws.ToString(route.DestinationCidrBlock))
	return err == nil && route.State != ec2types.RouteStateBlackhole && within(block, to)
}

func within(inner, outer netip.Prefix) bool {
	return outer.Bits() <= inner.Bits() && outer.Contains(inner.Addr())
}

// major returns the first number of a version such as "8.0.mysql_aurora.3.08.0".
func major(version string) string {
	first, _, _ := strings.Cut(version, ".")
	return first
}
