package reachability

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
)

// everywhere is the destination of a default route.
const everywhere = "0.0.0.0/0"

// peer is an end of a connection, described by its security groups, CIDR blocks or prefix list.
type peer struct {
	name       string
	groups     []string
	blocks     []string
	prefixList string
}

// allows reports whether one of the groups has a rule that allows a connection.
func (n *Network) allows(groups []string, egress bool, port int, p peer) bool {
	return slices.ContainsFunc(n.Rules, func(r Rule) bool {
		return r.Egress == egress && slices.Contains(groups, r.Group) && r.covers(port, port) && r.isFor(p)
	})
}

// covers reports whether the rule is for all TCP ports in a range.
func (r Rule) covers(first, last int) bool {
	switch r.Protocol {
	case "-1":
		return true
	case "tcp", "6":
		return r.From <= first && last <= r.To
	default:
		return false
	}
}

func (r Rule) isFor(p peer) bool {
	if r.Peer != "" {
		return slices.Contains(p.groups, r.Peer)
	}
	if r.PrefixList != "" {
		return r.PrefixList == p.prefixList
	}
	return contains(r.CIDR, p.blocks)
}

// contains reports whether a block contains all others. It is false for invalid blocks.
func contains(block string, others []string) bool {
	outer, err := netip.ParsePrefix(block)
	if err != nil || len(others) == 0 {
		return false
	}
	for _, other := range others {
		inner, err := netip.ParsePrefix(other)
		if err != nil || inner.Bits() < outer.Bits() || !outer.Contains(inner.Addr()) {
			return false
		}
	}
	return true
}

// checkRules returns the missing rule for a connection, or nil.
func (n *Network) checkRules(from, to peer, port int) *Missing {
	if !n.allows(from.groups, true, port, to) {
		return missingRule("egress", from, port, "to", to)
	}
	if len(to.groups) > 0 && !n.allows(to.groups, false, port, from) {
		return missingRule("ingress", to, port, "from", from)
	}
	return nil
}

func missingRule(direction string, owner peer, port int, preposition string, other peer) *Missing {
	if len(owner.groups) == 0 {
		return &Missing{"rule", owner.name + " has no security group"}
	}
	target := other.prefixList
	switch {
	case target == "" && len(other.groups) > 0:
		target = strings.Join(other.groups, " or ")
	case target == "":
		target = strings.Join(other.blocks, " and ")
	}
	return &Missing{"rule", fmt.Sprintf("an %s rule of security group %s for TCP port %d %s %s (%s)",
		direction, strings.Join(owner.groups, " or "), port, preposition, target, other.name)}
}
