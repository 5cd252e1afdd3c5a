package iampolicy

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"store-events/policy/aws"
	"store-events/policy/rule"
	"store-events/policy/value"
)

// Read returns the document in a property, which is a string or an object; a missing document has no statements.
func Read(v value.Value) (Document, []rule.Finding) {
	text, err := documentText(v)
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

func documentText(v value.Value) (string, error) {
	if v.State() != value.Known || !v.Raw().IsMap() {
		return v.Text()
	}
	plain, err := plainValue(v)
	if err != nil {
		return "", err
	}
	text, err := json.Marshal(plain)
	return string(text), err
}

// plainValue converts a value for encoding/json. It returns an error if a part is not known yet.
func plainValue(v value.Value) (any, error) {
	switch {
	case v.State() != value.Known:
		return nil, v.Err()
	case v.Raw().IsMap():
		plain := map[string]any{}
		for _, f := range v.Fields() {
			var err error
			if plain[f.Key], err = plainValue(f.Value); err != nil {
				return nil, err
			}
		}
		return plain, nil
	case v.Raw().IsArray():
		plain := []any{}
		for _, e := range v.Elements() {
			one, err := plainValue(e)
			if err != nil {
				return nil, err
			}
			plain = append(plain, one)
		}
		return plain, nil
	default:
		return v.Text()
	}
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

// Has reports whether the test is true for any statement of the document. It returns findings for unreadable documents.
func Has(v value.Value, wanted func(Statement) bool) (bool, []rule.Finding) {
	d, findings := Read(v)
	for _, s := range d.Statements {
		if wanted(s) {
			return true, nil
		}
	}
	return false, findings
}

// OwnAccounts returns the AWS accounts of the stack: the accounts in its resources' ARNs or, before any exists, the
// account that administers the stack's keys.
func OwnAccounts(s rule.Stack) []string {
	if ownAccounts := s.Accounts(); len(ownAccounts) > 0 {
		return ownAccounts
	}
	votes := map[string]int{}
	for _, key := range s.Of(aws.Key) {
		d, _ := Read(key.Get("policy"))
		for _, statement := range d.Statements {
			if statement.Allows() && statement.Covers("kms:PutKeyPolicy") {
				for _, account := range statement.Accounts() {
					votes[account] = 0
				}
			}
		}
	}
	if len(votes) > 1 {
		countMentions(s, votes)
	}
	return mostVotes(votes)
}

// countMentions adds a vote for each resource whose properties contain an account: a stranger's occurs only once.
func countMentions(s rule.Stack, votes map[string]int) {
	for _, r := range s.Resources {
		text := fmt.Sprint(r.Inputs)
		for account := range votes {
			if strings.Contains(text, account) {
				votes[account]++
			}
		}
	}
}

func mostVotes(votes map[string]int) []string {
	var best []string
	for account, n := range votes {
		switch {
		case len(best) == 0 || n > votes[best[0]]:
			best = []string{account}
		case n == votes[best[0]]:
			best = append(best, account)
		}
	}
	slices.Sort(best)
	return best
}

// ForbidOtherAccounts reports statements that allow principals of other accounts.
func ForbidOtherAccounts(v value.Value, ownAccounts []string) []rule.Finding {
	d, findings := Read(v)
	for _, s := range d.Statements {
		for _, account := range s.Accounts() {
			switch {
			case !s.Allows() || slices.Contains(ownAccounts, account):
				continue
			case len(ownAccounts) == 0 && AccountOf(account) != "":
				return append(findings, rule.Undecidable(v, "the stack's own account is not known yet")...)
			}
			findings = append(findings, rule.Violate(v, s.Name()+" allows a principal of another account")...)
			break
		}
	}
	return findings
}
