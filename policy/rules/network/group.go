package network

import (
	"cmp"
	"regexp"
	"slices"

	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

var portsBounded = rule.Rule{
	ID:       "sg-ports-bounded",
	Title:    "Security groups allow ingress to at most 1000 ports",
	Why:      "No service listens on all ports: whatever is started later is open too.",
	Fix:      "Set FromPort and ToPort to the ports of one service. Only Glue needs all TCP ports, from its own security group.",
	Sources:  "checkov CKV_AWS_277; project",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    append(groupTypes(ingress), aws.GlueConnection),
	Stack: func(s rule.Stack) []rule.Finding {
		glue := glueGroups(s)
		var findings []rule.Finding
		for _, g := range groups(s, ingress) {
			findings = append(findings, requirePorts(s, glue, g)...)
		}
		return findings
	},
}

// mostPorts is the maximum number of ports that a security group may allow in, in one rule and in total.
const mostPorts = 1000

// requirePorts reports permissions that open many ports, alone or together with others of the group. A Glue connection's
// group may allow all ports from itself.
func requirePorts(s rule.Stack, glue map[string]rule.Resource, g group) []rule.Finding {
	var findings []rule.Finding
	var ranges []ports
	for _, p := range g.permissions {
		if of, ok := glue[groupKey(s, p.of)]; ok && p.onlyFromItself(of) {
			continue
		}
		of, err := p.portsOf()
		switch {
		case err != nil:
			findings = append(findings, rule.On(p.of, rule.Unreadable(err))...)
		case of.to-of.from >= mostPorts:
			findings = append(findings, rule.On(p.of, rule.Violate(p.protocol(), "ingress to more than 1000 ports is allowed"))...)
		default:
			ranges = append(ranges, of)
		}
	}
	if countPorts(ranges) > mostPorts {
		findings = append(findings, g.violate("the rules together allow ingress to more than 1000 ports")...)
	}
	return findings
}

// countPorts returns the number of ports in ranges, each counted once.
func countPorts(ranges []ports) float64 {
	slices.SortFunc(ranges, func(a, b ports) int { return cmp.Compare(a.from, b.from) })
	count, next := 0.0, 0.0
	for _, r := range ranges {
		from := max(r.from, next)
		if r.to >= from {
			count += r.to - from + 1
			next = r.to + 1
		}
	}
	return count
}

// glueGroups returns the security groups of Glue connections, by URN.
func glueGroups(s rule.Stack) map[string]rule.Resource {
	urns := map[string]rule.Resource{}
	for _, c := range s.Of(aws.GlueConnection) {
		groups, _ := s.Referred(c, c.Get("physicalConnectionRequirements", "securityGroupIdLists"), aws.SecurityGroup)
		for _, g := range groups {
			urns[g.URN] = g
		}
	}
	return urns
}

// acceptedByEC2 matches the descriptions that EC2 accepts; the provider does not check them:
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
var acceptedByEC2 = regexp.MustCompile(`^[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{1,255}$`)

var descriptions = rule.Rule{
	ID:       "sg-descriptions",
	Title:    "Security groups and their rules have descriptions that EC2 accepts",
	Why:      "Nobody dares to remove a rule of unknown purpose, and EC2 rejects a description with, for example, an apostrophe.",
	Fix:      "Set Description on the security group and on every rule: at most 255 letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*.",
	Sources:  "cdk-nag AwsSolutions-EC27; checkov CKV_AWS_23; pulumi aws-ec2-securitygroup-missing-description; pulumi aws-ec2-securitygroup-missing-ingress-rule-description; pulumi aws-ec2-securitygroup-missing-egress-rule-description; trivy aws-ec2-add-description-to-security-group; trivy aws-ec2-add-description-to-security-group-rule",
	Severity: rule.Low,
	Levels:   rule.Always,
	Types:    []string{aws.SecurityGroup, aws.SecurityGroupRule, aws.SecurityGroupIngress, aws.SecurityGroupEgress},
	Resource: func(r rule.Resource) []rule.Finding {
		described := matcher.NoneOf("", "Managed by Pulumi", "Managed by Terraform")
		findings := rule.All(
			rule.Require(r.Get("description"), described, "the description is missing or a default"),
			rule.When(r.Get("description"), described, func() []rule.Finding {
				return rule.Require(r.Get("description"), matcher.Matches(acceptedByEC2), "EC2 rejects the description")
			}),
		)
		if r.Type != aws.SecurityGroup {
			return findings
		}
		for _, d := range []direction{ingress, egress} {
			findings = append(findings, rule.Each(r.Get(string(d)), func(v value.Value) []rule.Finding {
				return rule.All(
					rule.Require(v.Get("description"), described, "the rule's description is missing or a default"),
					rule.When(v.Get("description"), described, func() []rule.Finding {
						return rule.Require(v.Get("description"), matcher.Matches(acceptedByEC2), "EC2 rejects the rule's description")
					}),
				)
			})...)
		}
		return findings
	},
}

var noInlineAndStandaloneMix = rule.Rule{
	ID:       "sg-no-inline-and-standalone-mix",
	Title:    "Security groups do not mix inline and separate rules",
	Why:      "Inline and separate rules overwrite each other at every update.",
	Fix:      "Write all rules as vpc.SecurityGroupIngressRule and vpc.SecurityGroupEgressRule, and none inline.",
	Sources:  "project",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.SecurityGroup, aws.SecurityGroupRule, aws.SecurityGroupIngress, aws.SecurityGroupEgress},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.SecurityGroup, func(group rule.Resource) []rule.Finding {
			for _, d := range []direction{ingress, egress} {
				inline, beside := len(permissions(group, d)), len(permissionsOf(s, group, d))
				if inline > 0 && beside > inline {
					return rule.Violate(group.Get(string(d)), "the security group has inline and separate rules")
				}
			}
			return nil
		})
	},
}
