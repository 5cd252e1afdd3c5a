package network

import (
	"net/netip"
	"slices"

	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

var noWorldAdminByACL = rule.Rule{
	ID:    "nacl-no-world-admin-port",
	Title: "Network ACLs do not allow ingress from the internet to remote access or database ports",
	Why: "A network ACL is a second line of defense. The default one allows everything, so that one mistake in a " +
		"security group exposes a port.",
	Fix:      "Allow only the ports that are needed, or remove the network ACL from the program.",
	Sources:  "FSBP EC2.21; trivy aws-ec2-no-public-ingress-acl",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.NetworkACL, aws.DefaultNetworkACL, aws.NetworkACLRule},
	Resource: func(r rule.Resource) []rule.Finding {
		if r.Type == aws.NetworkACLRule {
			return rule.When(r.Get("egress"), matcher.NotTrue, func() []rule.Finding {
				return requireNoAdminPort(r.Get(), "ruleAction")
			})
		}
		return rule.Each(r.Get("ingress"), func(entry value.Value) []rule.Finding {
			return requireNoAdminPort(entry, "action")
		})
	},
}

func requireNoAdminPort(entry value.Value, actionKey string) []rule.Finding {
	return rule.When(
		entry.Get(actionKey),
		matcher.OneOf("allow", "Allow", "ALLOW"),
		func() []rule.Finding {
			var findings []rule.Finding
			for _, key := range []string{"cidrBlock", "ipv6CidrBlock"} {
				block, ok, err := readBlock(entry.Get(key))
				if err != nil || !ok || !reachWorld([]netip.Prefix{block}) {
					findings = append(findings, rule.Unreadable(err)...)
					continue
				}
				findings = append(
					findings,
					rule.Require(
						entry,
						matcher.Not(aclOpensAdminPort),
						"ingress from the internet to a remote access or database port is allowed",
					)...)
			}
			return findings
		},
	)
}

func aclOpensAdminPort(entry value.Value) (bool, error) {
	tcp, err := matcher.OneOf("tcp", "6")(entry.Get("protocol"))
	every, everyErr := matcher.OneOf("-1", "all")(entry.Get("protocol"))
	from, fromErr := entry.Get("fromPort").Number()
	to, toErr := entry.Get("toPort").Number()
	covers := func(port float64) bool { return from <= port && port <= to }
	// Responses are sent to these ports; network ACLs are stateless.
	answers := from >= firstEphemeral && to >= lastEphemeral
	return every ||
			tcp && slices.ContainsFunc(loginPorts, func(port float64) bool {
				return covers(port) && (port < firstEphemeral || !answers)
			}), firstOf(
			err,
			everyErr,
			fromErr,
			toErr,
		)
}

// The ephemeral ports of clients, of all operating systems:
// https://docs.aws.amazon.com/vpc/latest/userguide/custom-network-acl.html#nacl-ephemeral-ports
const (
	firstEphemeral = 1024
	lastEphemeral  = 60999
)
