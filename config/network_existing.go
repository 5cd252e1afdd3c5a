package config

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

var (
	vpcID    = regexp.MustCompile(`^vpc-[0-9a-f]{8,17}$`)
	subnetID = regexp.MustCompile(`^subnet-[0-9a-f]{8,17}$`)
	groupID  = regexp.MustCompile(`^sg-[0-9a-f]{8,17}$`)

	// existingNetworkKeys need vpcId, and newNetworkKeys exclude it.
	existingNetworkKeys = []string{"appSubnetIds", "dbSubnetIds", "endpointGroupId"}
	newNetworkKeys      = []string{
		"availabilityZones", "vpcCidr", "publicSubnetCidrs", "appSubnetCidrs", "dbSubnetCidrs", "natGateways", "natInstance",
	}
)

// NewNetworkKeys are the settings of a VPC that the stack creates: vpcId excludes them.
func NewNetworkKeys() []string { return slices.Clone(newNetworkKeys) }

// Existing reports whether the stack uses a VPC that it does not create.
func (n Network) Existing() bool { return n.VpcID != "" }

// DatabaseSubnetIDs returns the existing subnets of the database.
func (n Network) DatabaseSubnetIDs() []string {
	if len(n.DbSubnetIDs) == 0 {
		return n.AppSubnetIDs
	}
	return n.DbSubnetIDs
}

func (n Network) validateExisting(k *check) {
	matches(k, "vpcId", n.VpcID, vpcID, "the ID of a VPC such as vpc-0123456789abcdef0, or no value")
	k.exclude("no value together with vpcId: the program creates no subnets, routes or endpoints in a VPC that it does not own", newNetworkKeys...)
	n.validateSubnets(k, "appSubnetIds", n.AppSubnetIDs)
	if len(n.DbSubnetIDs) > 0 {
		n.validateSubnets(k, "dbSubnetIds", n.DbSubnetIDs)
	}
	if n.EndpointGroupID != "" {
		matches(k, "endpointGroupId", n.EndpointGroupID, groupID, "the ID of a security group such as sg-0123456789abcdef0, or no value")
	}
}

func (n Network) validateSubnets(k *check, key string, ids []string) {
	distinct := slices.Compact(slices.Sorted(slices.Values(ids)))
	if len(distinct) != Zones || len(ids) != Zones {
		k.refuse(key, ids, fmt.Sprintf("%d different subnets of vpcId, one in each of %[1]d zones", Zones))
	}
	for _, id := range distinct {
		matches(k, key, id, subnetID, "IDs of subnets such as subnet-0123456789abcdef0")
	}
}

// Subnet is an existing subnet, as EC2 describes it.
type Subnet struct{ ID, VpcID, Zone string }

// CheckSubnets refuses subnets of another VPC, and subnets that are all in one
// zone: an RDS subnet group needs two. The key is the setting that lists them.
func CheckSubnets(key, vpc string, found []Subnet) error {
	var zones []string
	for _, s := range found {
		if s.VpcID != vpc {
			return Problem{Key: key, Value: show(s.ID), Allowed: fmt.Sprintf("subnets of vpcId %s: this one is in %s", vpc, s.VpcID)}
		}
		zones = append(zones, s.Zone)
	}
	if slices.Sort(zones); len(slices.Compact(slices.Clone(zones))) < Zones {
		var ids []string
		for _, s := range found {
			ids = append(ids, s.ID)
		}
		return Problem{Key: key, Value: show(strings.Join(ids, ", ")), Allowed: fmt.Sprintf("subnets in %d zones: all of these are in %s", Zones, zones[0])}
	}
	return nil
}
