package network

import (
	"regexp"

	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

var portsBounded = rule.Rule{
	ID:       "sg-ports-bounded",
	Title:    "Security groups let in single ports",
	Why:      "All ports are more than any one service listens on: what is started there later is open too.",
	Fix:      "Write FromPort and ToPort of the one service. Only Glue needs all TCP ports, from its own group.",
	Sources:  "checkov CKV_AWS_277; project",
	Severity: rule.High,
	Levels:   rule.Always,
	Types:    append(groupTypes(ingress), aws.GlueConnection),
	Stack: func(s rule.Stack) []rule.Finding {
		glue := glueGroups(s)
		return s.Each(aws.SecurityGroup, func(group rule.Resource) []rule.Finding {
			var findings []rule.Finding
			for _, p := range permissionsOf(s, group, ingress) {
				if glue[group.URN] && p.fromItself(group) {
					continue
				}
				findings = append(findings, rule.On(p.of, requirePorts(p))...)
			}
			return findings
		})
	},
}

func requirePorts(p permission) []rule.Finding {
	all, err := p.allPorts()
	if all {
		return rule.Violate(p.protocol(), "all ports are let in")
	}
	return rule.Unreadable(err)
}

// glueGroups returns the security groups of Glue connections.
func glueGroups(s rule.Stack) map[string]bool {
	urns := map[string]bool{}
	for _, c := range s.Of(aws.GlueConnection) {
		groups, _ := s.Referred(c, c.Get("physicalConnectionRequirements", "securityGroupIdLists"), aws.SecurityGroup)
		for _, g := range groups {
			urns[g.URN] = true
		}
	}
	return urns
}

// description matches what EC2 accepts; the provider does not check it:
// https://docs.aws.amazon.com/AWSEC2/latest/APIReference/API_CreateSecurityGroup.html
var description = regexp.MustCompile(`^[a-zA-Z0-9. _\-:/()#,@\[\]+=&;{}!$*]{1,255}$`)

func acceptedByEC2(v value.Value) (bool, error) {
	text, err := v.Text()
	return description.MatchString(text), err
}

var descriptions = rule.Rule{
	ID:       "sg-descriptions",
	Title:    "Security groups and their rules say what they are for, in characters that EC2 accepts",
	Why:      "Nobody dares to remove a rule whose purpose is not written down, and EC2 refuses a description with, say, an apostrophe.",
	Fix:      "Set Description on the group and on every rule: at most 255 letters, digits, spaces and ._-:/()#,@[]+=&;{}!$*.",
	Sources:  "cdk-nag AwsSolutions-EC27; checkov CKV_AWS_23; pulumi aws-ec2-securitygroup-missing-description; pulumi aws-ec2-securitygroup-missing-ingress-rule-description; pulumi aws-ec2-securitygroup-missing-egress-rule-description; trivy aws-ec2-add-description-to-security-group; trivy aws-ec2-add-description-to-security-group-rule",
	Severity: rule.Low,
	Levels:   rule.Always,
	Types:    []string{aws.SecurityGroup, aws.SecurityGroupRule, aws.SecurityGroupIngress, aws.SecurityGroupEgress},
	Resource: func(r rule.Resource) []rule.Finding {
		told := matcher.NoneOf("", "Managed by Pulumi", "Managed by Terraform")
		findings := rule.All(
			rule.Require(r.Get("description"), told, "no description is given"),
			rule.When(r.Get("description"), told, func() []rule.Finding {
				return rule.Require(r.Get("description"), acceptedByEC2, "EC2 does not accept the description")
			}),
		)
		if r.Type != aws.SecurityGroup {
			return findings
		}
		for _, d := range []direction{ingress, egress} {
			findings = append(findings, rule.Each(r.Get(string(d)), func(v value.Value) []rule.Finding {
				return rule.All(
					rule.Require(v.Get("description"), told, "the rule has no description"),
					rule.When(v.Get("description"), told, func() []rule.Finding {
						return rule.Require(v.Get("description"), acceptedByEC2, "EC2 does not accept the rule's description")
					}),
				)
			})...)
		}
		return findings
	},
}

var noInlineAndStandaloneMix = rule.Rule{
	ID:       "sg-no-inline-and-standalone-mix",
	Title:    "Rules of a security group are written in one way",
	Why:      "Rules inside the group and rules beside it overwrite each other at every update.",
	Fix:      "Write all rules as vpc.SecurityGroupIngressRule and vpc.SecurityGroupEgressRule, none inside the group.",
	Sources:  "project",
	Severity: rule.Medium,
	Levels:   rule.Always,
	Types:    []string{aws.SecurityGroup, aws.SecurityGroupRule, aws.SecurityGroupIngress, aws.SecurityGroupEgress},
	Stack: func(s rule.Stack) []rule.Finding {
		return s.Each(aws.SecurityGroup, func(group rule.Resource) []rule.Finding {
			for _, d := range []direction{ingress, egress} {
				inline, beside := len(permissions(group, d)), len(permissionsOf(s, group, d))
				if inline > 0 && beside > inline {
					return rule.Violate(group.Get(string(d)), "rules are written in the group and beside it")
				}
			}
			return nil
		})
	},
}

// wearers are the properties that attach security groups to resources.
var wearers = []struct {
	resourceType string
	path         []string
}{
	{aws.Instance, []string{"vpcSecurityGroupIds"}},
	{aws.Function, []string{"vpcConfig", "securityGroupIds"}},
	{aws.GlueConnection, []string{"physicalConnectionRequirements", "securityGroupIdLists"}},
	{aws.VpcEndpoint, []string{"securityGroupIds"}},
	{aws.DBInstance, []string{"vpcSecurityGroupIds"}},
}

var groupInUse = rule.Rule{
	ID:       "sg-in-use",
	Title:    "Every security group is in use",
	Why:      "Somebody will use a leftover group without knowing what it opens.",
	Fix:      "Remove the group, or attach it to the resource that it was made for.",
	Sources:  "checkov CKV2_AWS_5; SecHub EC2.22",
	Severity: rule.Low,
	Levels:   rule.Advice,
	Types:    []string{aws.SecurityGroup, aws.Instance, aws.Function, aws.GlueConnection, aws.VpcEndpoint, aws.DBInstance},
	Stack: func(s rule.Stack) []rule.Finding {
		used := map[string]bool{}
		unknown := false
		for _, w := range wearers {
			for _, r := range s.Of(w.resourceType) {
				groups, maybe := s.Referred(r, r.Get(w.path...), aws.SecurityGroup)
				unknown = unknown || maybe
				for _, g := range groups {
					used[g.URN] = true
				}
			}
		}
		return s.Each(aws.SecurityGroup, func(group rule.Resource) []rule.Finding {
			switch {
			case used[group.URN]:
				return nil
			case unknown:
				return rule.Undecidable(group.Get("id"), "the groups of some resources are not known yet")
			default:
				return rule.Violate(group.Get(), "no resource uses the group")
			}
		})
	},
}
