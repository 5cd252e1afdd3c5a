package network

import (
	"net/netip"
	"regexp"
	"slices"

	"store-events/policy/aws"
	"store-events/policy/iampolicy"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

// Limits of addresses for ingress: 256 for one block, and four times as many for all blocks of a group.
const (
	widestBlock = 256.0
	widestGroup = 4 * widestBlock
)

var noWideIngress = rule.Rule{
	ID:       "sg-no-wide-cidr-ingress",
	Title:    "Security groups allow ingress from security groups, not from wide address blocks",
	Why:      "A block as wide as the VPC allows whatever is added to it later; so does a security group of another account.",
	Fix:      "Refer to the security group of the caller, or use a block of at most 256 addresses.",
	Sources:  "project",
	Severity: rule.Medium,
	Levels:   rule.StrictInProd,
	Types:    append(groupTypes(ingress), aws.Vpc, aws.PrefixList, aws.PrefixListEntry),
	Stack: func(s rule.Stack) []rule.Finding {
		var findings []rule.Finding
		for _, g := range groups(s, ingress) {
			wide := requireNarrow(s, g)
			if len(wide) == 0 && total(g.blocks(s)) > widestGroup {
				wide = g.violate("the address blocks of the security group together have more than 1024 addresses")
			}
			findings = append(findings, wide...)
		}
		return findings
	},
}

func requireNarrow(s rule.Stack, g group) []rule.Finding {
	var findings []rule.Finding
	for _, p := range g.permissions {
		findings = append(findings, rule.On(p.of, rule.All(
			requireEachBlock(p, narrow, "the block is wider than /24 (IPv6: /64)"),
			requireEachBlock(p, matcher.Not(wholeOfAny(s.Of(aws.Vpc))), "the block covers the whole VPC"),
			requireKnownLists(s, p),
			forbidForeignGroups(s, p),
		))...)
	}
	return findings
}

// requireKnownLists reports prefix lists outside the stack, because their owners could add addresses.
func requireKnownLists(s rule.Stack, p permission) []rule.Finding {
	var findings []rule.Finding
	for _, list := range p.prefixLists() {
		if !matcher.Missing(list) {
			findings = append(findings, s.RequireReference(p.of, list, "the prefix list is not in this stack", aws.PrefixList)...)
		}
	}
	return findings
}

// foreignGroup matches a group of a peered VPC, with its account before the slash.
var foreignGroup = regexp.MustCompile(`^(\d{12})/sg-`)

func forbidForeignGroups(s rule.Stack, p permission) []rule.Finding {
	var findings []rule.Finding
	for _, g := range p.groups() {
		text, err := g.Text()
		match := foreignGroup.FindStringSubmatch(text)
		if err == nil && match != nil && !slices.Contains(iampolicy.OwnAccounts(s), match[1]) {
			findings = append(findings, rule.Violate(g, "the security group belongs to another account")...)
		}
	}
	return findings
}

// wholeOfAny accepts a block that covers all addresses of one of the VPCs.
func wholeOfAny(vpcs []rule.Resource) rule.Test {
	return func(v value.Value) (bool, error) {
		block, ok, err := readBlock(v)
		if err != nil || !ok {
			return false, err
		}
		return slices.ContainsFunc(vpcs, func(vpc rule.Resource) bool {
			whole, ok, err := readBlock(vpc.Get("cidrBlock"))
			return ok && err == nil && contains(block, whole)
		}), nil
	}
}

// narrow accepts blocks of at most 256 IPv4 addresses, or one IPv6 subnet.
func narrow(v value.Value) (bool, error) {
	block, ok, err := readBlock(v)
	return !ok || block.Addr().Is4() && size(block) <= widestBlock ||
		block.Addr().Is6() && block.Bits() >= 64, err
}

var groupReach = rule.Rule{
	ID:    "sg-group-reach",
	Title: "The rules of a security group do not together open it to the internet",
	Why: "Rules or prefix lists for parts of the internet together allow all of it; scanners find an open port " +
		"within minutes.",
	Fix:          "Refer to security groups, and use endpoints for egress.",
	Sources:      "project; FSBP EC2.18; FSBP EC2.19",
	Severity:     rule.Critical,
	Levels:       rule.Always,
	NoExceptions: true,
	Types:        append(bothDirections(), aws.PrefixList, aws.PrefixListEntry),
	Stack: func(s rule.Stack) []rule.Finding {
		var findings []rule.Finding
		for _, g := range groups(s, ingress) {
			if reachWorld(g.blocks(s)) && !g.hasWorld() {
				findings = append(
					findings,
					g.violate("the rules of the security group together allow ingress from the internet")...)
			}
		}
		for _, g := range groups(s, egress) {
			g.permissions = slices.DeleteFunc(g.permissions, func(p permission) bool {
				https, err := p.onlyHTTPS()
				return https && err == nil
			})
			if reachWorld(g.blocks(s)) && !g.hasWorld() {
				findings = append(
					findings,
					g.violate("the rules of the security group together allow egress to the internet")...)
			}
		}
		return findings
	},
}

// group is a security group, of the stack or another one, with its permissions of one direction.
type group struct {
	permissions []permission
}

func (g group) violate(message string) []rule.Finding {
	first := g.permissions[0]
	return rule.On(first.of, rule.Violate(first.at, message))
}

// hasWorld reports whether a single block of the group counts as the internet, which other rules
// report.
func (g group) hasWorld() bool {
	return slices.ContainsFunc(g.permissions, func(p permission) bool {
		return slices.ContainsFunc(p.cidrs(), func(v value.Value) bool {
			wide, err := world(v)
			return wide && err == nil
		})
	})
}

// blocks returns the known blocks of the group, including those of the stack's prefix lists.
func (g group) blocks(s rule.Stack) []netip.Prefix {
	var known []netip.Prefix
	for _, p := range g.permissions {
		for _, v := range append(p.cidrs(), p.listedBlocks(s)...) {
			if block, ok, err := readBlock(v); ok && err == nil {
				known = append(known, block)
			}
		}
	}
	return known
}

// listedBlocks returns the blocks of the permission's prefix lists in the stack.
func (p permission) listedBlocks(s rule.Stack) []value.Value {
	var listed []value.Value
	for _, v := range p.prefixLists() {
		lists, _ := s.Referred(p.of, v, aws.PrefixList)
		for _, list := range lists {
			for _, entry := range list.Get("entries").Elements() {
				listed = append(listed, entry.Get("cidr"))
			}
			entries, _ := s.Referrers(aws.PrefixListEntry, "prefixListId", list)
			for _, entry := range entries {
				listed = append(listed, entry.Get("cidr"))
			}
		}
	}
	return listed
}

// groups returns the permissions of one direction, grouped by security group, in the order of the
// stack. Separate rules of a group outside this stack are grouped by the group's ID.
func groups(s rule.Stack, d direction) []group {
	var found []group
	at := map[string]int{}
	for _, r := range s.Of(groupTypes(d)...) {
		of := permissions(r, d)
		if len(of) == 0 {
			continue
		}
		key := groupKey(s, r)
		if _, ok := at[key]; !ok {
			at[key] = len(found)
			found = append(found, group{})
		}
		found[at[key]].permissions = append(found[at[key]].permissions, of...)
	}
	return found
}

func groupKey(s rule.Stack, r rule.Resource) string {
	if r.Type == aws.SecurityGroup || r.Type == aws.DefaultSecurityGroup {
		return r.URN
	}
	id := r.Get("securityGroupId")
	for _, resourceType := range []string{aws.SecurityGroup, aws.DefaultSecurityGroup} {
		if of, _ := s.Referred(r, id, resourceType); len(of) > 0 {
			return of[0].URN
		}
	}
	if text, err := id.Text(); err == nil && text != "" {
		return text
	}
	return r.URN
}
