// Package reachability computes which services and databases a workload in a VPC can reach, from subnets, route tables,
// endpoints and security groups:
// https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html
// https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
//
// It models only connections that a workload opens. Responses need no rules, because security groups are stateful.
// Network ACLs, peering, DNS settings of the VPC and IPv6 are not modeled.
package reachability

// Network describes the VPCs of an account.
type Network struct {
	Subnets   []Subnet
	Tables    []RouteTable
	NATs      []NAT
	Instances []Instance
	Endpoints []Endpoint
	Rules     []Rule
	// PrefixLists are the IDs of AWS's prefix lists, by service.
	PrefixLists map[string]string
	// DefaultGroups are the default security groups, by VPC. They apply to interfaces without a group.
	DefaultGroups map[string]string
}

// Subnet is an IPv4 subnet.
type Subnet struct{ ID, VPC, CIDR string }

// RouteTable is a route table with its associations. The main route table of a VPC applies to subnets without one.
type RouteTable struct {
	ID, VPC string
	Main    bool
	Subnets []string
	Routes  []Route
}

// Route is a route to an IPv4 block. The target is the ID of a gateway, a NAT
// gateway, an interface, or "local".
type Route struct{ Destination, Target string }

// NAT is a NAT gateway that is available.
type NAT struct{ ID, Subnet string }

// Instance is an EC2 instance with one network interface, a possible target of routes.
type Instance struct {
	ID, Interface, Subnet string
	Groups                []string
	Running               bool
	// Forwards is true if the source/destination check is off. With the check, EC2 drops packets for other
	// destinations.
	// https://docs.aws.amazon.com/vpc/latest/userguide/work-with-nat-instances.html
	Forwards bool
	// Public is true if the instance has a public address.
	Public bool
}

// Endpoint is a VPC endpoint.
type Endpoint struct {
	ID, VPC string
	// Service is the last part of the service's name, for example secretsmanager.
	Service string
	// Gateway is true for a gateway endpoint, which has only Tables. An interface endpoint has the other fields.
	Gateway         bool
	Tables          []string
	Subnets, Groups []string
	// PrivateDNS resolves the name of the service to the addresses of the endpoint.
	PrivateDNS bool
}

// Rule allows connections to or from a security group. Exactly one of CIDR, Peer and PrefixList is set, the source or
// destination.
type Rule struct {
	Group  string
	Egress bool
	// Protocol is EC2's name of the protocol; -1 is every protocol and port.
	Protocol string
	From, To int
	CIDR     string
	// Peer is a security group.
	Peer       string
	PrefixList string
}

// Workload contains the subnets and security groups of a function's or job's interfaces.
type Workload struct{ Subnets, Groups []string }

// Database is a database server with an address in a VPC.
type Database struct {
	Name            string
	Subnets, Groups []string
	Port            int
}

// Missing is the network configuration that a workload needs for a connection.
type Missing struct {
	// Kind is endpoint, route or rule.
	Kind string
	// What describes it, with the IDs of the resources involved.
	What string
}

func (n *Network) subnet(id string) Subnet {
	for _, s := range n.Subnets {
		if s.ID == id {
			return s
		}
	}
	return Subnet{ID: id}
}

// table returns the route table of a subnet.
func (n *Network) table(s Subnet) RouteTable {
	var main RouteTable
	for _, t := range n.Tables {
		for _, id := range t.Subnets {
			if id == s.ID {
				return t
			}
		}
		if t.Main && t.VPC == s.VPC {
			main = t
		}
	}
	return main
}

// groups returns the given groups, or the VPC's default group.
func (n *Network) groups(given []string, vpc string) []string {
	if id := n.DefaultGroups[vpc]; len(given) == 0 && id != "" {
		return []string{id}
	}
	return given
}

// blocks returns the CIDR blocks of subnets.
func (n *Network) blocks(ids []string) []string {
	var all []string
	for _, id := range ids {
		all = append(all, n.subnet(id).CIDR)
	}
	return all
}
