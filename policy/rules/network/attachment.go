package network

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
	"store-events/policy/value"
)

// groupAttachment is a property that attaches security groups to resources of a type.
type groupAttachment struct {
	resourceType string
	path         []string
}

var groupAttachments = []groupAttachment{
	{aws.Instance, []string{"vpcSecurityGroupIds"}},
	{aws.Function, []string{"vpcConfig", "securityGroupIds"}},
	{aws.GlueConnection, []string{"physicalConnectionRequirements", "securityGroupIdLists"}},
	{aws.VpcEndpoint, []string{"securityGroupIds"}},
	{aws.DBInstance, []string{"vpcSecurityGroupIds"}},
}

var groupsOfStack = rule.Rule{
	ID:    "sg-of-stack",
	Title: "Resources use only security groups of this stack",
	Why: "The rules of other security groups are not visible here, and a resource without a security group gets " +
		"the default one of its VPC.",
	Fix:      "Use ec2.SecurityGroup resources of the stack, not literal IDs.",
	Sources:  "project; FSBP EC2.2",
	Severity: rule.High,
	Levels:   rule.Always,
	Types: []string{
		aws.SecurityGroup, aws.Instance, aws.Function, aws.GlueConnection, aws.VpcEndpoint,
		aws.DBInstance,
	},
	Stack: func(s rule.Stack) []rule.Finding {
		var findings []rule.Finding
		for _, w := range groupAttachments {
			findings = append(
				findings,
				s.Each(w.resourceType, func(r rule.Resource) []rule.Finding {
					return requireGroupsOfStack(s, r, r.Get(w.path...))
				})...)
		}
		return findings
	},
}

func requireGroupsOfStack(s rule.Stack, r rule.Resource, groups value.Value) []rule.Finding {
	var findings []rule.Finding
	for _, g := range groups.Elements() {
		findings = append(
			findings,
			s.RequireReference(r, g, "the security group is not in this stack", aws.SecurityGroup)...)
	}
	if r.Type == aws.Instance {
		findings = append(findings, rule.All(
			rule.Require(groups, matcher.Not(matcher.Empty), "the instance gets the default security group"),
			rule.Require(r.Get("securityGroups"), matcher.Empty, "security groups are set by name, for instances outside a VPC"),
		)...)
	}
	return findings
}

var groupInUse = rule.Rule{
	ID:       "sg-in-use",
	Title:    "Every security group is in use",
	Why:      "Someone may attach an unused security group later without knowing what it allows.",
	Fix:      "Remove the security group, or attach it to the resource that it was created for.",
	Sources:  "checkov CKV2_AWS_5; SecHub EC2.22",
	Severity: rule.Low,
	Levels:   rule.Advice,
	Types: []string{
		aws.SecurityGroup, aws.Instance, aws.Function, aws.GlueConnection, aws.VpcEndpoint,
		aws.DBInstance, aws.EventTarget, aws.EventRule,
	},
	Stack: func(s rule.Stack) []rule.Finding {
		if s.DatabaseStopped() { // Its clients may be removed in a paused stack.
			return nil
		}
		used := map[string]bool{}
		unknown := false
		for _, w := range groupAttachments {
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
			case used[group.URN] || usedElsewhere(s, group):
				return nil
			case unknown:
				return rule.Undecidable(
					group.Get("id"),
					"the security groups of some resources are not known yet",
				)
			default:
				return rule.Violate(group.Get(), "no resource uses the security group")
			}
		})
	},
}

// usedElsewhere reports whether a resource of a type that is not in groupAttachments, such as a load balancer, refers to
// the group.
func usedElsewhere(s rule.Stack, group rule.Resource) bool {
	id, _ := value.Of(group.Outputs).Get("id").Text() // Empty before it is known.
	return slices.ContainsFunc(s.Resources, func(r rule.Resource) bool {
		if slices.Contains(bothDirections(), r.Type) || r.URN == group.URN || r.Component {
			return false
		}
		if slices.ContainsFunc(groupAttachments, func(w groupAttachment) bool { return w.resourceType == r.Type }) {
			return false
		}
		for _, sources := range r.PropertyDependencies {
			if slices.Contains(sources, group.URN) {
				return true
			}
		}
		return id != "" && mentions(property.New(r.Inputs), id)
	})
}

// mentions reports whether a string is anywhere in a value.
func mentions(v property.Value, text string) bool {
	switch {
	case v.IsString():
		return v.AsString() == text
	case v.IsArray():
		return slices.ContainsFunc(v.AsArray().AsSlice(), func(e property.Value) bool { return mentions(e, text) })
	case v.IsMap():
		for _, e := range v.AsMap().All {
			if mentions(e, text) {
				return true
			}
		}
	}
	return false
}
