package iampolicy

import (
	"regexp"
	"slices"
	"strings"
)

// variable matches a policy variable, or an escaped character:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
var variable = regexp.MustCompile(`\$\{[^}]*\}`)

// opened replaces each variable with a star, because the request determines its value, or with a dollar if fixed reports
// that the policy's owner does. ${*}, ${?} and ${$} are not patterns either.
func opened(text string, fixed func(key string) bool) string {
	return variable.ReplaceAllStringFunc(text, func(v string) string {
		name := strings.TrimSuffix(strings.TrimPrefix(v, "${"), "}")
		if slices.Contains([]string{"*", "?", "$"}, name) || fixed(name) {
			return "$"
		}
		return "*"
	})
}

// openedResources returns the resources of a statement with stars for variables, except for the account of a role in
// its own policy, and for missing parts of an ARN. In a Deny, the resources are unchanged.
func (s Statement) openedResources() []string {
	if !s.Allows() {
		return s.Resource
	}
	ownAccount := func(key string) bool { return s.ofRole() && strings.EqualFold(key, "aws:PrincipalAccount") }
	var all []string
	for _, resource := range s.Resource {
		all = append(all, completed(opened(resource, ownAccount)))
	}
	return all
}

// completed adds the parts that IAM adds to an ARN with fewer than six parts. Patterns with a star, which may span
// parts, are unchanged.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
func completed(pattern string) string {
	if !strings.HasPrefix(pattern, "arn:") || strings.ContainsAny(pattern, "*?") {
		return pattern
	}
	return strings.Join(arnParts(pattern), ":")
}

// openedValues returns the values of a condition with stars for variables. The policy of a role may compare the role
// with the resource, such as aws:ResourceTag/team with ${aws:PrincipalTag/team}. In the policy of a resource, or with
// another key of the caller, such a condition is always true: aws:PrincipalAccount equals ${aws:PrincipalAccount}.
func (s Statement) openedValues(c Condition) []string {
	fixed := func(key string) bool { return s.ofRole() && ofCaller(key) && !ofCaller(c.Key) }
	var all []string
	for _, value := range c.Values {
		all = append(all, opened(value, fixed))
	}
	return all
}

// ofRole reports whether the statement is part of a role's policy, which has no principals.
func (s Statement) ofRole() bool { return len(s.Principal) == 0 && len(s.NotPrincipal) == 0 }

// ofCaller reports whether a condition key identifies the caller.
func ofCaller(key string) bool {
	key = strings.ToLower(key)
	return strings.HasPrefix(key, "aws:principal") || strings.HasPrefix(key, "aws:userid") || strings.HasPrefix(key, "aws:username")
}
