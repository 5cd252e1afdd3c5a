package network

import (
	"net/netip"

	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

// direction is ingress or egress.
type direction string

const (
	ingress direction = "ingress"
	egress  direction = "egress"
)

// groupTypes are the resources with permissions of one direction.
func groupTypes(d direction) []string {
	if d == ingress {
		return []string{aws.SecurityGroup, aws.DefaultSecurityGroup, aws.SecurityGroupRule, aws.SecurityGroupIngress}
	}
	return []string{aws.SecurityGroup, aws.DefaultSecurityGroup, aws.SecurityGroupRule, aws.SecurityGroupEgress}
}

// permission is one permission, in any of the three forms of the provider.
type permission struct {
	of rule.Resource
	at value.Value
}

// permissions returns a resource's permissions in one direction.
func permissions(r rule.Resource, d direction) []permission {
	switch {
	case r.Type == aws.SecurityGroup || r.Type == aws.DefaultSecurityGroup:
		var inline []permission
		for _, e := range r.Get(string(d)).Elements() {
			inline = append(inline, permission{r, e})
		}
		return inline
	case r.Type == aws.SecurityGroupRule && is(r.Get("type"), string(d)),
		r.Type == aws.SecurityGroupIngress && d == ingress,
		r.Type == aws.SecurityGroupEgress && d == egress:
		return []permission{{r, r.Get()}}
	default:
		return nil
	}
}

// permissionsOf returns all permissions of a security group in one direction, inline and separate.
func permissionsOf(s rule.Stack, group rule.Resource, d direction) []permission {
	all := permissions(group, d)
	for _, resourceType := range groupTypes(d) {
		beside, _ := s.Referrers(resourceType, "securityGroupId", group)
		for _, r := range beside {
			all = append(all, permissions(r, d)...)
		}
	}
	return all
}

// eachPermission checks every permission of a resource.
func eachPermission(d direction, judgeIt func(permission) []rule.Finding) func(rule.Resource) []rule.Finding {
	return func(r rule.Resource) []rule.Finding {
		if err := r.Get("type").Err(); err != nil {
			return rule.Unreadable(err) // From a separate rule, which could have either direction.
		}
		var findings []rule.Finding
		for _, p := range permissions(r, d) {
			findings = append(findings, judgeIt(p)...)
		}
		return findings
	}
}

func (p permission) protocol() value.Value {
	if p.of.Type == aws.SecurityGroupIngress || p.of.Type == aws.SecurityGroupEgress {
		return p.at.Get("ipProtocol")
	}
	return p.at.Get("protocol")
}

// cidrs returns the address blocks on the other side.
func (p permission) cidrs() []value.Value {
	if p.of.Type == aws.SecurityGroupIngress || p.of.Type == aws.SecurityGroupEgress {
		return []value.Value{p.at.Get("cidrIpv4"), p.at.Get("cidrIpv6")}
	}
	return append(p.at.Get("cidrBlocks").Elements(), p.at.Get("ipv6CidrBlocks").Elements()...)
}

// groups returns the properties that name security groups on the other side.
func (p permission) groups() []value.Value {
	switch p.of.Type {
	case aws.SecurityGroupIngress, aws.SecurityGroupEgress:
		return []value.Value{p.at.Get("referencedSecurityGroupId")}
	case aws.SecurityGroupRule:
		return []value.Value{p.at.Get("sourceSecurityGroupId")}
	default:
		return p.at.Get("securityGroups").Elements()
	}
}

// fromItself reports whether the other side is the group itself.
func (p permission) fromItself(group rule.Resource) bool {
	if is(p.at.Get("self"), "true") {
		return true
	}
	for _, g := range p.groups() {
		if p.of.Type != aws.SecurityGroup && rule.Refers(p.of, g, group) == rule.Yes {
			return true
		}
	}
	return false
}

// allPorts accepts the root of a permission that opens every port.
func (p permission) allPorts() (bool, error) {
	anyProtocol, err := matcher.OneOf("-1", "all")(p.protocol())
	if anyProtocol || err != nil {
		return anyProtocol, err
	}
	from, fromErr := p.at.Get("fromPort").Number()
	to, toErr := p.at.Get("toPort").Number()
	if fromErr != nil || toErr != nil {
		return false, firstOf(fromErr, toErr)
	}
	return from <= 0 && to >= 65535, nil
}

// coversPort reports whether the permission opens one of the ports.
func (p permission) coversPort(ports ...float64) (bool, error) {
	all, err := p.allPorts()
	if all || err != nil {
		return all, err
	}
	from, _ := p.at.Get("fromPort").Number()
	to, _ := p.at.Get("toPort").Number()
	for _, port := range ports {
		if from <= port && port <= to {
			return true, nil
		}
	}
	return false, nil
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// world accepts a block with a large part of all addresses: two halves of the internet are the internet.
func world(v value.Value) (bool, error) {
	bits, of, err := prefix(v)
	return bits >= 0 && (of == 32 && bits < 8 || of == 128 && bits < 16), err
}

// prefixLists returns the properties that name lists of address blocks on the other side.
func (p permission) prefixLists() []value.Value {
	if p.of.Type == aws.SecurityGroupIngress || p.of.Type == aws.SecurityGroupEgress {
		return []value.Value{p.at.Get("prefixListId")}
	}
	return p.at.Get("prefixListIds").Elements()
}

// prefix returns the length of a block's prefix and of its addresses, in bits; -1 if there is none.
func prefix(v value.Value) (bits, of int, err error) {
	text, err := v.Text()
	if err != nil || text == "" {
		return -1, 0, err
	}
	block, err := netip.ParsePrefix(text)
	if err != nil {
		return -1, 0, &value.Error{Path: v.Path(), Want: "an address block", Got: "another text"}
	}
	return block.Bits(), block.Addr().BitLen(), nil
}

func is(v value.Value, text string) bool {
	ok, err := matcher.OneOf(text)(v)
	return ok && err == nil
}
