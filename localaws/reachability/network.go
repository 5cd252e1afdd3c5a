// Package reachability decides what a workload in a VPC reaches, from the subnets,
// route tables, endpoints and security groups that describe its network:
// https://docs.aws.amazon.com/vpc/latest/userguide/VPC_Route_Tables.html
// https://docs.aws.amazon.com/vpc/latest/userguide/security-group-rules.html
//
// It decides for connections that a workload opens. Answers need no rules,
// because security groups are stateful. Network ACLs, peering and DNS settings
// of the VPC are not modeled, and neither is IPv6.
package reachability

// Network is what EC2 knows of the VPCs of an account.
type Network struct {
	Subnets   []Subnet
	Tables    []RouteTable
	NATs      []NAT
	Instances []Instance
	Endpoints []Endpoint
	Rules     []Rule
	// PrefixLists are the IDs of AWS's own prefix lists, by service.
	PrefixLists map[string]string
	// DefaultGroups are the default security groups, by VPC. What is given no
	// group has this one.
	DefaultGroups map[string]string
}

// Subnet is an IPv4 subnet.
type Subnet struct{ ID, VPC, CIDR string }

// RouteTable is a route table with its associations. A subnet without an own
// table has the main one of its VPC.
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

// Instance is an EC2 instance, to whose only interface a route may lead.
type Instance struct {
	ID, Interface, Subnet string
	Groups                []string
	Running               bool
	// Forwards reports that the source/destination check is off: without it EC2 drops
	// what is not for the instance itself.
	// https://docs.aws.amazon.com/vpc/latest/userguide/work-with-nat-instances.html
	Forwards bool
	// Public reports a public address.
	Public bool
}

// Endpoint is a VPC endpoint.
type Endpoint struct {
	ID, VPC string
	// Service is the last part of its service's name, such as secretsmanager.
	Service string
	// Gateway distinguishes a gateway endpoint, which has Tables, from an interface
	// endpoint, which has the rest.
	Gateway         bool
	Tables          []string
	Subnets, Groups []string
	// PrivateDNS resolves the name of the service to the addresses of the endpoint.
	PrivateDNS bool
}

// Rule lets connections into or out of a security group. Exactly one of CIDR,
// Peer and PrefixList is its source or destination.
type Rule struct {
	Group  string
	Egress bool
	// Protocol is as EC2 names it; -1 is every protocol and port.
	Protocol string
	From, To int
	CIDR     string
	// Peer is a security group.
	Peer       string
	PrefixList string
}

// Workload is where the interfaces of a function or a job are.
type Workload struct{ Subnets, Groups []string }

// Database is a database server with an address in a VPC.
type Database struct {
	Name            string
	Subnets, Groups []string
	Port            int
}

// Missing is what keeps a workload from what it calls.
type Missing struct {
	// Kind is endpoint, route or rule.
	Kind string
	// What says which one, with the IDs of the resources it would belong to.
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

// table is the route table of a subnet.
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

// groups are those given, or the default one of the VPC.
func (n *Network) groups(given []string, vpc string) []string {
	if id := n.DefaultGroups[vpc]; len(given) == 0 && id != "" {
		return []string{id}
	}
	return given
}

// blocks are the CIDR blocks of subnets.
func (n *Network) blocks(ids []string) []string {
	var all []string
	for _, id := range ids {
		all = append(all, n.subnet(id).CIDR)
	}
	return all
}
