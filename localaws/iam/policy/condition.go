package policy

import (
	"slices"
	"strings"
)

// holds reports whether the condition is true. Several values of the policy are alternatives; for a negated
// operator none of them may match. An absent key satisfies negated operators, IfExists and ForAllValues, and no
// others:
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
