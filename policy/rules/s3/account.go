package s3

import (
	"slices"

	"store-events/policy/iampolicy"
	"store-events/policy/rule"
	"store-events/policy/value"
)

// requireOwnAccount reports principals of other accounts. Which account is the stack's own is told by the ARNs of its
// resources, so before the first of them exists it cannot be decided.
func requireOwnAccount(policy value.Value, s iampolicy.Statement, own []string) []rule.Finding {
	for _, account := range s.Accounts() {
		switch {
		case len(own) == 0:
			return rule.Undecidable(policy, "the stack's own account is not known yet")
		case !slices.Contains(own, account):
			return rule.Violate(policy, s.Name()+" lets a principal of another account in")
		}
	}
	return nil
}
