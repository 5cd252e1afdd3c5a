package policy

import (
	"slices"
	"strings"
)

// holds reports whether the condition is true. A value of the request must match one of the policy's values, or for a
// negated operator none of them. A missing key satisfies only negated operators, IfExists and ForAllValues:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
func (cond *Condition) holds(s *Statement, c Context) bool {
	actual, o := c.get(cond.Key), cond.test
	if o.null {
		absent := "false"
		if len(actual) == 0 {
			absent = "true"
		}
		return slices.ContainsFunc(cond.Values, func(v string) bool { return strings.EqualFold(v, absent) })
	}
	if len(actual) == 0 {
		return o.ifExists || o.forAll || (o.negated && !o.forAny)
	}
	one := func(value string) bool {
		found := slices.ContainsFunc(cond.Values, func(wanted string) bool { return o.compare(s, value, wanted, c) })
		return found != o.negated
	}
	every := o.forAll || (o.negated && !o.forAny)
	if every {
		return !slices.ContainsFunc(actual, func(v string) bool { return !one(v) })
	}
	return slices.ContainsFunc(actual, one)
}
