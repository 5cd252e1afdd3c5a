package network

import (
	"slices"
	"strings"

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

// bothDirections are the resources with permissions of any direction.
func bothDirections() []string { return append(groupTypes(ingress), aws.SecurityGroupEgress) }

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
func eachPermission(d direction, checkIt func(permission) []rule.Finding) func(rule.Resource) []rule.Finding {
	return func(r rule.Resource) []rule.Finding {
		if err := r.Get("type").Err(); err != nil {
			return rule.Unreadable(err) // The direction of a separate rule is unknown.
		}
		var findings []rule.Finding
		for _, p := range permissions(r, d) {
			findings = append(findings, checkIt(p)...)
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

// protocolIs reports whether the protocol is one of the list; EC2 ignores its case.
func (p permission) protocolIs(names ...string) (bool, error) {
	text, err := p.protocol().Text()
	return slices.Contains(names, strings.ToLower(text)), err
}

// cidrs returns the address blocks on the other side.
func (p permission) cidrs() []value.Value {
	if p.of.Type == aws.SecurityGroupIngress || p.of.Type == aws.SecurityGroupEgress {
		return []value.Value{p.at.Get("cidrIpv4"), p.at.Get("cidrIpv6")}
	}
	return append(p.at.Get("cidrBlocks").Elements(), p.at.Get("ipv6CidrBlocks").Elements()...)
}

// groups returns the properties with security groups on the other side.
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

// onlyFromItself reports whether the other side is only the group itself: an inline rule may have several sources. An
// unknown source counts as another.
func (p permission) onlyFromItself(group rule.Resource) bool {
	others := slices.Concat(p.cidrs(), p.prefixLists())
	for _, g := range p.groups() {
		if rule.Refers(p.of, g, group) != rule.Yes {
			others = append(others, g)
		}
	}
	return p.fromItself(group) && !slices.ContainsFunc(others, func(v value.Value) bool { return !is(v, "") })
}

// ports is an inclusive range.
type ports struct{ from, to float64 }

var everyPort = ports{0, 65535}

// portsOf returns the ports that the permission opens. Only TCP, UDP and ICMP are limited by ports:
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_IpPermission.html
func (p permission) portsOf() (ports, error) {
	limited, err := p.protocolIs("tcp", "udp", "icmp", "icmpv6", "6", "17", "1", "58")
	if err != nil {
		return ports{}, err
	}
	if !limited {
		return everyPort, nil
	}
	from, fromErr := p.at.Get("fromPort").Number()
	to, toErr := p.at.Get("toPort").Number()
	return ports{from, to}, firstOf(fromErr, toErr)
}

// allPorts reports whether the permission opens every port.
func (p permission) allPorts() (bool, error) {
	of, err := p.portsOf()
	return err == nil && of.from <= everyPort.from && of.to >= everyPort.to, err
}

// coversPort reports whether the permission opens one of the ports.
func (p permission) coversPort(list ...float64) (bool, error) {
	of, err := p.portsOf()
	return err == nil && slices.ContainsFunc(list, func(port float64) bool {
		return of.from <= port && port <= of.to
	}), err
}

func firstOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// world accepts a block with a large part of all addresses.
func world(v value.Value) (bool, error) {
	block, ok, err := readBlock(v)
	return ok && (block.Addr().Is4() && block.Bits() < 8 || block.Addr().Is6() && block.Bits() < 16), err
}

// prefixLists returns the properties with lists of address blocks on the other side.
func (p permission) prefixLists() []value.Value {
	if p.of.Type == aws.SecurityGroupIngress || p.of.Type == aws.SecurityGroupEgress {
		return []value.Value{p.at.Get("prefixListId")}
	}
	return p.at.Get("prefixListIds").Elements()
}

// onlyHTTPS reports whether the permission opens only TCP port 443.
func (p permission) onlyHTTPS() (bool, error) {
	return matcher.AllOf(
		func(value.Value) (bool, error) { return p.protocolIs("tcp", "6") },
		matcher.At("fromPort", matcher.OneOf("443")),
		matcher.At("toPort", matcher.OneOf("443")),
	)(p.at)
}

func is(v value.Value, text string) bool {
	ok, err := matcher.OneOf(text)(v)
	return ok && err == nil
}
