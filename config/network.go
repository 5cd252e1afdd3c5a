package config

import (
	"fmt"
	"net/netip"
	"regexp"
	"slices"
)

// Network settings.
type Network struct {
	// Zones are the availability zones; if empty, the program chooses.
	Zones             []string `config:"availabilityZones"`
	VpcCidr           string   `config:"vpcCidr"`
	PublicSubnetCidrs []string `config:"publicSubnetCidrs"`
	AppSubnetCidrs    []string `config:"appSubnetCidrs"`
	DbSubnetCidrs     []string `config:"dbSubnetCidrs"`
	// NatGateways is 0, 1 (shared by the zones) or 2 (one per zone).
	NatGateways int `config:"natGateways"`
	// NatInstance replaces the NAT gateways by one small instance for all zones.
	NatInstance        bool `config:"natInstance"`
	InterfaceEndpoints bool `config:"interfaceEndpoints"`
	// VpcID is an existing VPC with the subnets below; empty creates one from the settings above.
	VpcID        string   `config:"vpcId"`
	AppSubnetIDs []string `config:"appSubnetIds"`
	// DbSubnetIDs are the database's subnets; empty selects AppSubnetIDs.
	DbSubnetIDs []string `config:"dbSubnetIds"`
	// EndpointGroupID is the security group of the VPC's interface endpoints; empty
	// means that clients reach the AWS APIs through the subnets' routes.
	EndpointGroupID string `config:"endpointGroupId"`
}

// leadsAnywhere reports whether the job can reach addresses outside AWS. With interface
// endpoints, its security group allows only the endpoints and S3.
func (n Network) leadsAnywhere() bool {
	if n.VpcID != "" {
		return n.EndpointGroupID == ""
	}
	return n.Translates() && !n.InterfaceEndpoints
}

// Translates reports whether the app subnets can reach public addresses.
func (n Network) Translates() bool { return n.NatGateways > 0 || n.NatInstance }

// The prefixes that AWS accepts for a VPC or a subnet:
// https://docs.aws.amazon.com/vpc/latest/userguide/subnet-sizing.html
const (
	largest  = 16
	smallest = 28
)

// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/using-regions-availability-zones.html
var zoneName = regexp.MustCompile(`^[a-z]{2}(-[a-z]+)+-[0-9][a-z]$`)

type subnet struct {
	key    string
	prefix netip.Prefix
}

func (n Network) validate(k *check) {
	if n.VpcID != "" {
		n.validateExisting(k)
		return
	}
	k.exclude("no value, or set vpcId to the VPC that contains it", existingNetworkKeys...)
	n.validateZones(k)
	oneOf(k, "natGateways", n.NatGateways, 0, 1, 2)
	if n.NatInstance && n.NatGateways > 0 {
		k.refuse("natInstance", true, "false, or set natGateways to 0: use a NAT instance or NAT gateways, not both")
	}
	if !n.Translates() && !n.InterfaceEndpoints {
		k.refuse("interfaceEndpoints", false, "true, or set natGateways to 1 or 2, or natInstance to true: without any of them, job and consumer cannot reach the AWS APIs")
	}
	vpc, ok := parseCidr(k, "vpcCidr", n.VpcCidr)
	var subnets []subnet
	for _, layer := range []struct {
		key   string
		cidrs []string
	}{
		{"publicSubnetCidrs", n.PublicSubnetCidrs},
		{"appSubnetCidrs", n.AppSubnetCidrs},
		{"dbSubnetCidrs", n.DbSubnetCidrs},
	} {
		if len(layer.cidrs) != Zones {
			k.refuse(layer.key, layer.cidrs, fmt.Sprintf("%d CIDR blocks, one per zone", Zones))
		}
		for _, text := range layer.cidrs {
			if p, ok := parseCidr(k, layer.key, text); ok {
				subnets = append(subnets, subnet{layer.key, p})
			}
		}
	}
	if ok {
		inside(k, vpc, subnets)
	}
	disjoint(k, subnets)
}

func (n Network) validateZones(k *check) {
	if len(n.Zones) == 0 {
		return
	}
	distinct := slices.Compact(slices.Sorted(slices.Values(n.Zones)))
	if len(distinct) != Zones || len(n.Zones) != Zones {
		k.refuse("availabilityZones", n.Zones, fmt.Sprintf("%d different availability zones, or no value", Zones))
	}
	for _, zone := range distinct {
		matches(k, "availabilityZones", zone, zoneName, "names of availability zones such as us-east-1a")
	}
}

func parseCidr(k *check, key, text string) (netip.Prefix, bool) {
	p, err := netip.ParsePrefix(text)
	switch {
	case err != nil || !p.Addr().Is4():
		k.refuse(key, text, "an IPv4 CIDR block such as 10.10.0.0/16")
	case p != p.Masked():
		k.refuse(key, text, fmt.Sprintf("%s: the address has bits outside of the prefix", p.Masked()))
	case p.Bits() < largest || p.Bits() > smallest:
		k.refuse(key, text, fmt.Sprintf("a CIDR block of /%d to /%d", largest, smallest))
	default:
		return p, true
	}
	return p, false
}

func inside(k *check, vpc netip.Prefix, subnets []subnet) {
	for _, s := range subnets {
		if s.prefix.Bits() < vpc.Bits() || !vpc.Contains(s.prefix.Addr()) {
			k.refuse(s.key, s.prefix, fmt.Sprintf("a CIDR block inside vpcCidr %s", vpc))
		}
	}
}

func disjoint(k *check, subnets []subnet) {
	for i, s := range subnets {
		for _, other := range subnets[:i] {
			if s.prefix.Overlaps(other.prefix) {
				k.refuse(s.key, s.prefix, fmt.Sprintf("a CIDR block that does not overlap %s of %s", other.prefix, other.key))
			}
		}
	}
}
