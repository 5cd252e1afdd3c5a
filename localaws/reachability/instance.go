package reachability

import (
	"fmt"
	"slices"
	"strings"
)

// isInstance reports whether a route leads to an instance or to an interface.
func isInstance(target string) bool {
	return strings.HasPrefix(target, "eni-") || strings.HasPrefix(target, "i-")
}

// instance finds the instance that a route leads to. One that is unknown has no subnet.
func (n *Network) instance(target string) Instance {
	i := slices.IndexFunc(n.Instances, func(one Instance) bool { return one.ID == target || one.Interface == target })
	if i < 0 {
		return Instance{ID: target}
	}
	return n.Instances[i]
}

// forwards returns what keeps an instance from sending on what a subnet sends out.
func (n *Network) forwards(i Instance, s Subnet, table RouteTable) *Missing {
	lacks := func(format string, args ...any) *Missing { return &Missing{"route", fmt.Sprintf(format, args...)} }
	switch {
	case i.Subnet == "":
		return lacks("the instance of %s, to which table %s of subnet %s leads", i.ID, table.ID, s.ID)
	case !i.Running:
		return lacks("instance %s in state running, to which table %s of subnet %s leads", i.ID, table.ID, s.ID)
	case !i.Forwards:
		return lacks("a source/destination check that is off at instance %s, to which table %s of subnet %s leads", i.ID, table.ID, s.ID)
	case !i.Public:
		return lacks("a public address of instance %s, to which table %s of subnet %s leads", i.ID, table.ID, s.ID)
	}
	if public := n.table(n.subnet(i.Subnet)); !strings.HasPrefix(public.defaultTarget(), "igw-") {
		return lacks("a route to an internet gateway in table %s, which instance %s is in", public.ID, i.ID)
	}
	return nil
}

// passes returns the rule that a NAT instance lacks: it receives the connection of the
// workload, with its address, and opens another one to the service.
func (n *Network) passes(i Instance, from, to peer) *Missing {
	vpc := n.subnet(i.Subnet).VPC
	nat := peer{name: "NAT instance " + i.ID, groups: n.groups(i.Groups, vpc), blocks: n.blocks([]string{i.Subnet})}
	if !n.allows(nat.groups, false, https, from) {
		return lacks("ingress", nat, https, "from", from)
	}
	return n.connects(nat, to, https)
}
