package vpcgraph

import (
	"slices"

	"store-events/policy/aws"
	"store-events/policy/matcher"
	"store-events/policy/rule"
)

// IsNATInstance reports whether an instance replaces a NAT gateway: it forwards, and a
// default route of the stack leads to its interface. In prod it does not count, because
// nothing can leave the VPC while this single instance is down.
func IsNATInstance(s rule.Stack, instance rule.Resource) bool {
	forwards, err := matcher.False(instance.Get("sourceDestCheck"))
	if !forwards || err != nil || s.Settings.Environment == rule.Prod {
		return false
	}
	for _, r := range s.Of(aws.Route) {
		destination, err := r.Get("destinationCidrBlock").Text()
		if err == nil && destination == "0.0.0.0/0" && r.DependsOn("networkInterfaceId", instance) {
			return true
		}
	}
	return false
}

// LeadsToNATInstance reports whether a route leads to a NAT instance of the stack.
func LeadsToNATInstance(s rule.Stack, r rule.Resource) bool {
	return r.Type == aws.Route && slices.ContainsFunc(s.Of(aws.Instance), func(i rule.Resource) bool {
		return r.DependsOn("networkInterfaceId", i) && IsNATInstance(s, i)
	})
}
