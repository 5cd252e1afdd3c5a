package iampolicy

import (
	"regexp"
	"slices"
	"strings"
)

// variable matches a policy variable, or a character that is written as one:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
var variable = regexp.MustCompile(`\$\{[^}]*\}`)

// opened replaces each variable with a star, because the request decides what it stands for, unless fixed reports that
// the policy's owner does. That one, and ${*}, ${?} and ${$}, stand for no pattern.
func opened(text string, fixed func(key string) bool) string {
	return variable.ReplaceAllStringFunc(text, func(v string) string {
		name := strings.TrimSuffix(strings.TrimPrefix(v, "${"), "}")
		if slices.Contains([]string{"*", "?", "$"}, name) || fixed(name) {
			return "$"
		}
		return "*"
	})
}

// openedResources are the resources of a statement with stars for variables, apart from the account of a role in its
// own policy, and for the parts that an ARN lacks. Of those that it denies, only the written ones count.
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

// completed adds the parts that IAM adds to an ARN with fewer than six. A star in it may span parts, so such a pattern
// stays as it is.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
func completed(pattern string) string {
	if !strings.HasPrefix(pattern, "arn:") || strings.ContainsAny(pattern, "*?") {
		return pattern
	}
	return strings.Join(arnParts(pattern), ":")
}

// openedValues are the values of a condition with stars for variables. The policy of a role may compare what the role
// is with what it acts on, as aws:ResourceTag/team with ${aws:PrincipalTag/team}. In the policy of a resource, or with
// another key of the caller, the same variable says nothing: aws:PrincipalAccount is always ${aws:PrincipalAccount}.
func (s Statement) openedValues(c Condition) []string {
	fixed := func(key string) bool { return s.ofRole() && ofCaller(key) && !ofCaller(c.Key) }
	var all []string
	for _, value := range c.Values {
		all = append(all, opened(value, fixed))
	}
	return all
}

// ofRole reports whether the statement is part of a role's policy, which names no principals.
func (s Statement) ofRole() bool { return len(s.Principal) == 0 && len(s.NotPrincipal) == 0 }

// ofCaller reports whether a condition key says who calls.
func ofCaller(key string) bool {
	key = strings.ToLower(key)
	return strings.HasPrefix(key, "aws:principal") || strings.HasPrefix(key, "aws:userid") || strings.HasPrefix(key, "aws:username")
}
