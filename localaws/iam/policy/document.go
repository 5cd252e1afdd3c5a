// Package policy reads IAM policy documents and decides requests with them, as AWS documents it for requests
// within one account. It knows no service and stores nothing: the caller says who requests what, and which
// policies apply.
//
// The rules are those of the IAM User Guide, "IAM JSON policy reference" and
// "Policy evaluation logic":
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies.html
package policy

import "strconv"

// Kind is the place of a policy in the evaluation.
type Kind int

// The kinds of policies that take part in a decision.
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

// hasPrincipal reports whether the kind's statements name principals.
func (k Kind) hasPrincipal() bool { return k == Resource || k == Endpoint || k == Trust }

// Document is a policy document that follows IAM's grammar.
type Document struct {
	// Version is 2012-10-17, or 2008-10-17, which knows no policy variables.
	Version    string
	Statements []Statement
}

// Statement is one statement. Of each pair, such as Action and NotAction, one
// is empty.
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

// Name is the statement's Sid, or its number in the document, counted from 1.
func (s *Statement) Name() string {
	if s.Sid != "" {
		return s.Sid
	}
	return strconv.Itoa(s.position + 1)
}

// Principals are the principals of one type: AWS, Service, Federated,
// CanonicalUser. A bare star reads as AWS with a star.
type Principals struct {
	Type string
	IDs  []string
}

// Condition is one operator with one key. All conditions of a statement must
// hold.
type Condition struct {
	Operator string
	Key      string
	Values   []string

	test operator
}
