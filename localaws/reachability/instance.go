package reachability

import (
	"fmt"
	"slices"
	"strings"
)

// isInstance reports whether a route's target is an instance or a network interface.
func isInstance(target string) bool {
	return strings.HasPrefix(target, "eni-") || strings.HasPrefix(target, "i-")
}

// instance returns the instance of a route's target. An unknown instance has no subnet.
func (n *Network) instance(target string) Instance {
	i := slices.IndexFunc(n.Instances, func(one Instance) bool { return one.ID == target || one.Interface == target })
	if i < 0 {
		return Instance{ID: target}
	}
	return n.Instances[i]
}

// checkForwarding returns the missing configuration if an instance cannot forward a subnet's packets, or nil.
func (n *Network) checkForwarding(i Instance, s Subnet, table RouteTable) *Missing {
	missing := func(format string, args ...any) *Missing { return &Missing{"route", fmt.Sprintf(format, args...)} }
	switch {
	case i.Subnet == "":
		return missing("the instance of %s, to which table %s of subnet %s leads", i.ID, table.ID, s.ID)
	case !i.Running:
		return missing("instance %s in state running, to which table %s of subnet %s leads", i.ID, table.ID, s.ID)
	case !i.Forwards:
		return missing("a source/destination check that is off at instance %s, to which table %s of subnet %s leads", i.ID, table.ID, s.ID)
	case !i.Public:
		return missing("a public address of instance %s, to which table %s of subnet %s leads", i.ID, table.ID, s.ID)
	}
	if public := n.table(n.subnet(i.Subnet)); !strings.HasPrefix(public.defaultTarget(), "igw-") {
		return missing("a route to an internet gateway in table %s, which instance %s is in", public.ID, i.ID)
	}
	return nil
}

// checkNATInstance returns the missing rule of a NAT instance, or nil. The instance accepts a connection from the
// workload's address and opens another one to the service.
func (n *Network) checkNATInstance(i Instance, from, to peer) *Missing {
	vpc := n.subnet(i.Subnet).VPC
	nat := peer{name: "NAT instance " + i.ID, groups: n.groups(i.Groups, vpc), blocks: n.blocks([]string{i.Subnet})}
	if !n.allows(nat.groups, false, https, from) {
		return missingRule("ingress", nat, https, "from", from)
	}
	return n.checkRules(nat, to, https)
}
