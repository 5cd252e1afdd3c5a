// Package iampolicy reads AWS policy documents in every form that IAM accepts: one statement or a list, one
// string or a list of strings, principals by kind or a bare star.
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html.
package iampolicy

import (
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Document is a policy document.
type Document struct {
	Statements []Statement
}

// Statement is one statement of a document.
type Statement struct {
	Sid, Effect           string
	Action, NotAction     []string
	Resource, NotResource []string
	Principal             []Principal
	NotPrincipal          []Principal
	Condition             []Condition
	position              int
}

// Principal is who a statement applies to. Kind is AWS, Service, Federated or CanonicalUser; "*" is everyone.
type Principal struct{ Kind, ID string }

// Condition is one comparison. Operator and Key are as written, e.g. Bool and aws:SecureTransport.
type Condition struct {
	Operator, Key string
	Values        []string
}

// Parse reads a document.
func Parse(text string) (Document, error) {
	var raw struct{ Statement statements }
	if err := json.Unmarshal([]byte(text), &raw); err != nil {
		return Document{}, fmt.Errorf("not a policy document: %w", withoutText(err))
	}
	d := Document{}
	for i, r := range raw.Statement {
		d.Statements = append(d.Statements, r.statement(i))
	}
	return d, nil
}

// withoutText describes an error without quoting the document, which JSON errors do.
func withoutText(err error) error {
	var syntax *json.SyntaxError
	if errors.As(err, &syntax) {
		return fmt.Errorf("JSON syntax error at byte %d", syntax.Offset)
	}
	return errors.New("a part has a type that the grammar does not allow")
}

// Name identifies the statement in messages.
func (s Statement) Name() string {
	if s.Sid != "" {
		return "statement " + s.Sid
	}
	return fmt.Sprintf("statement %d", s.position+1)
}

// Allows reports whether the statement is an Allow.
func (s Statement) Allows() bool { return s.Effect == "Allow" }

// Denies reports whether the statement is a Deny.
func (s Statement) Denies() bool { return s.Effect == "Deny" }

// Covers reports whether the statement covers any of the actions, by name or by pattern.
func (s Statement) Covers(actions ...string) bool {
	for _, action := range actions {
		switch {
		case len(s.NotAction) > 0 && !anyMatches(s.NotAction, action):
			return true
		case anyMatches(s.Action, action):
			return true
		}
	}
	return false
}

// EveryResource reports whether the statement covers all resources, in any spelling.
func (s Statement) EveryResource() bool {
	return len(s.NotResource) > 0 || slices.ContainsFunc(s.Resource, everyARN)
}

// Everyone reports whether the statement applies to everyone.
func (s Statement) Everyone() bool {
	return slices.ContainsFunc(s.Principal, func(p Principal) bool { return p.ID == "*" })
}

// AllowsStrangers reports whether the statement allows principals that it does not name.
func (s Statement) AllowsStrangers() bool {
	return s.Allows() && (s.Everyone() || len(s.NotPrincipal) > 0)
}

// DeniesWithoutTLS reports whether the statement denies every request without TLS. A second condition would make
// it deny only some of them.
func (s Statement) DeniesWithoutTLS() bool {
	if !s.Denies() || !s.Everyone() || len(s.Condition) != 1 {
		return false
	}
	c := s.Condition[0]
	return slices.Contains([]string{"bool", "boolifexists"}, strings.ToLower(c.Operator)) &&
		strings.EqualFold(c.Key, "aws:SecureTransport") && slices.Equal(c.Values, []string{"false"})
}

// Of returns the principals of a kind.
func (s Statement) Of(kind string) []string {
	var ids []string
	for _, p := range s.Principal {
		if p.Kind == kind {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

// ConditionOn returns the values that a condition on the key compares with, and whether one of the conditions
// narrows the statement. Negated and IfExists operators let through requests without the key, and a pattern that
// matches anyone narrows nothing.
func (s Statement) ConditionOn(key string) ([]string, bool) {
	var values []string
	for _, c := range s.Condition {
		if strings.EqualFold(c.Key, key) && c.narrows() {
			values = append(values, c.Values...)
		}
	}
	return values, len(values) > 0
}

// Narrowed reports whether any of the condition keys narrows the statement. A key that ends in a colon or a
// slash means all keys with that prefix.
func (s Statement) Narrowed(keys ...string) bool {
	for _, c := range s.Condition {
		for _, key := range keys {
			prefix := strings.HasSuffix(key, ":") && len(c.Key) >= len(key) && strings.EqualFold(c.Key[:len(key)], key)
			if (prefix || strings.EqualFold(c.Key, key)) && c.narrows() {
				return true
			}
		}
	}
	return false
}

func (c Condition) narrows() bool {
	operator := strings.ToLower(c.Operator)
	if strings.Contains(operator, "not") || strings.HasSuffix(operator, "ifexists") || operator == "null" || strings.HasPrefix(operator, "forallvalues:") {
		return false
	}
	operator = strings.TrimPrefix(operator, "foranyvalue:")
	for _, v := range c.Values {
		if matchesStranger(operator, v) {
			return false
		}
	}
	return len(c.Values) > 0
}

// Names reports whether the statement names this principal.
func (s Statement) Names(kind, id string) bool {
	return slices.Contains(s.Of(kind), id)
}

var accountID = regexp.MustCompile(`^(?:arn:aws[a-z-]*:(?:iam|sts)::)?(\d{12})(?::|$)`)

// principalKeys are condition keys whose values identify the caller.
var principalKeys = []string{"aws:PrincipalAccount", "aws:PrincipalArn", "kms:CallerAccount", "aws:SourceAccount"}

// Accounts returns the accounts of the statement's AWS principals, and those that its conditions admit.
func (s Statement) Accounts() []string {
	ids := s.Of("AWS")
	for _, key := range principalKeys {
		values, _ := s.ConditionOn(key)
		ids = append(ids, values...)
	}
	var accounts []string
	for _, id := range ids {
		if match := accountID.FindStringSubmatch(id); match != nil {
			accounts = append(accounts, match[1])
		}
	}
	return accounts
}
