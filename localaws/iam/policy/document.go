// Package policy parses IAM policy documents and evaluates requests, by AWS's documented rules for requests within one
// account. It is independent of services and has no state: the caller supplies the request and the policies that apply.
//
// The rules are those of the IAM User Guide, "IAM JSON policy reference" and
// "Policy evaluation logic":
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies.html
package policy

import "strconv"

// Kind is the kind of a policy.
type Kind int

// Kinds of policies in an evaluation.
const (
	Identity Kind = iota
	Resource
	Boundary
	Session
	Endpoint
	Trust
)

// String returns the kind's name in AWS's error messages.
func (k Kind) String() string {
	switch k {
	case Resource:
		return "resource-based policy"
	case Boundary:
		return "permissions boundary"
	case Session:
		return "session policy"
	case Endpoint:
		return "VPC endpoint policy"
	case Trust:
		return "role trust policy"
	default:
		return "identity-based policy"
	}
}

// hasPrincipal reports whether statements of this kind have a Principal element.
func (k Kind) hasPrincipal() bool { return k == Resource || k == Endpoint || k == Trust }

// Document is a policy document that follows IAM's grammar.
type Document struct {
	// Version is 2012-10-17, or 2008-10-17, which does not support policy variables.
	Version    string
	Statements []Statement
}

// Statement is a statement of a policy. In each pair, for example Action and NotAction, one is empty.
type Statement struct {
	Sid                       string
	Deny                      bool
	Action, NotAction         []string
	Resource, NotResource     []string
	Principals, NotPrincipals []Principals
	Conditions                []Condition

	position  int
	variables bool
}

// Name returns the statement's Sid, or its number in the document, starting at 1.
func (s *Statement) Name() string {
	if s.Sid != "" {
		return s.Sid
	}
	return strconv.Itoa(s.position + 1)
}

// Principals contains the principals of one type: AWS, Service, Federated or CanonicalUser. A star without a type is
// parsed as type AWS.
type Principals struct {
	Type string
	IDs  []string
}

// Condition is an operator with one key. All conditions of a statement must be true.
type Condition struct {
	Operator string
	Key      string
	Values   []string

	test operator
}
