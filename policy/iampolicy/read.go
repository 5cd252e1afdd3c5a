package iampolicy

import (
	"slices"

	"store-events/policy/aws"
	"store-events/policy/rule"
	"store-events/policy/value"
)

// Read returns the document in a property; a missing document has no statements.
func Read(v value.Value) (Document, []rule.Finding) {
	text, err := v.Text()
	if err != nil {
		return Document{}, rule.Unreadable(err)
	}
	if text == "" {
		return Document{}, nil
	}
	d, err := Parse(text)
	if err != nil {
		return Document{}, []rule.Finding{{Kind: rule.Failed, Property: v.Path(), Message: v.Path() + ": " + err.Error()}}
	}
	return d, nil
}

// Forbid reports every statement for which the test is true.
func Forbid(v value.Value, forbidden func(Statement) bool, message string) []rule.Finding {
	d, findings := Read(v)
	for _, s := range d.Statements {
		if forbidden(s) {
			findings = append(findings, rule.Violate(v, s.Name()+" "+message)...)
		}
	}
	return findings
}

// Has reports whether the test is true for any statement of the document. Unreadable documents give findings.
func Has(v value.Value, wanted func(Statement) bool) (bool, []rule.Finding) {
	d, findings := Read(v)
	for _, s := range d.Statements {
		if wanted(s) {
			return true, nil
		}
	}
	return false, findings
}

// OwnAccounts returns the AWS accounts of the stack: those in its resources' ARNs, and before any exists, those
// whose root administers the stack's keys.
func OwnAccounts(s rule.Stack) []string {
	own := s.Accounts()
	if len(own) > 0 {
		return own
	}
	for _, key := range s.Of(aws.Key) {
		d, _ := Read(key.Get("policy"))
		for _, statement := range d.Statements {
			if statement.Allows() && statement.Covers("kms:PutKeyPolicy") {
				own = append(own, statement.Accounts()...)
			}
		}
	}
	slices.Sort(own)
	return slices.Compact(own)
}

// ForbidOtherAccounts reports statements that admit principals of other accounts.
func ForbidOtherAccounts(v value.Value, own []string) []rule.Finding {
	d, findings := Read(v)
	for _, s := range d.Statements {
		for _, account := range s.Accounts() {
			switch {
			case !s.Allows() || slices.Contains(own, account):
			case len(own) == 0:
				return append(findings, rule.Undecidable(v, "the stack's own account is not known yet")...)
			default:
				findings = append(findings, rule.Violate(v, s.Name()+" admits a principal of another account")...)
			}
		}
	}
	return findings
}
