package iampolicy

import (
	"store-events/policy/rule"
	"store-events/policy/value"
)

// Read returns the document in a property; a missing one has no statements.
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

// Forbid reports every statement that is as it must not be.
func Forbid(v value.Value, forbidden func(Statement) bool, message string) []rule.Finding {
	d, findings := Read(v)
	for _, s := range d.Statements {
		if forbidden(s) {
			findings = append(findings, rule.Violate(v, s.Name()+" "+message)...)
		}
	}
	return findings
}

// Has reports whether any statement of the document is as wanted. Unreadable documents give findings.
func Has(v value.Value, wanted func(Statement) bool) (bool, []rule.Finding) {
	d, findings := Read(v)
	for _, s := range d.Statements {
		if wanted(s) {
			return true, nil
		}
	}
	return false, findings
}
