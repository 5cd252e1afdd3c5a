// Package iampolicy reads AWS policy documents in every form that IAM accepts: one statement or a list, one
// string or a list of strings, principals by kind or a bare star.
// See https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html.
package iampolicy

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
)

// Document is a policy document.
type Document struct {
	Statements []Statement
	// Doubts lists parts that AWS may interpret differently from this package: elements that occur twice or are
	// spelled in another case. The statements have the most permissive interpretation.
	Doubts []string
}

// Statement is one statement of a document. In an Allow, variables in Resource are replaced by a star, or by a dollar if
// they are fixed: the account of a role in its own policy, and the characters *, ? and $.
type Statement struct {
	Sid, Effect           string
	Action, NotAction     []string
	Resource, NotResource []string
	Principal             []Principal
	NotPrincipal          []Principal
	Condition             []Condition
	position              int
}

// Principal is a principal of a statement. Kind is AWS, Service, Federated or CanonicalUser; "*" is everyone.
type Principal struct{ Kind, ID string }

// Condition is one comparison. Operator and Key are as written, e.g. Bool and aws:SecureTransport.
type Condition struct {
	Operator, Key string
	Values        []string
}

// Parse reads a document.
func Parse(text string) (Document, error) {
	r := reader{}
	statements, err := r.document(text)
	if err != nil {
		return Document{}, fmt.Errorf("not a policy document: %w", withoutText(err))
	}
	return Document{statements, r.doubts}, nil
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

// callerKeys are condition keys that identify the caller, or the source of a call. AWS sets their values, not the caller.
// See https://docs.aws.amazon.com/AmazonS3/latest/userguide/access-control-block-public-access.html,
// "The meaning of public".
var callerKeys = []string{
	"aws:PrincipalAccount", "aws:PrincipalArn", "aws:PrincipalOrgID", "aws:PrincipalOrgPaths", "aws:userid",
	"aws:SourceAccount", "aws:SourceArn", "aws:SourceOwner", "aws:SourceOrgID", "aws:SourceOrgPaths",
	"aws:SourceIp", "aws:SourceVpc", "aws:SourceVpce", "kms:CallerAccount",
	"s3:DataAccessPointAccount", "s3:DataAccessPointArn",
}

// Public reports whether the statement allows principals that it neither names nor narrows by a condition.
func (s Statement) Public() bool { return s.AllowsStrangers() && !s.Narrowed(callerKeys...) }

// ServesAnyone reports whether the statement allows a service to act for any of its customers.
func (s Statement) ServesAnyone() bool {
	return s.Allows() && len(s.Of("Service")) > 0 &&
		!s.Narrowed("aws:SourceAccount", "aws:SourceArn", "aws:SourceOrgID", "aws:SourceOrgPaths")
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
