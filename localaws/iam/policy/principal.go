package policy

import (
	"regexp"
	"slices"
	"strings"
)

// Principal is the caller: exactly one of the forms below.
type Principal struct {
	// ARN is the caller's name in AWS's messages: a user, a role session
	// (arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION) or the account's root.
	ARN string
	// Role is the ARN of the session's role, with the role's path; empty for
	// all other callers.
	Role string
	// UserID is aws:userid, such as AROAEXAMPLE:SESSION. It may be empty.
	UserID string
	// Service is the name of a service that calls in its own name, such as
	// events.amazonaws.com. It has no ARN.
	Service string
	// Provider is an identity provider's ARN or name, for the calls that
	// assume a role with a token.
	Provider string
	// Function and Job are the names of the Lambda function or the Glue job
	// that runs with the session, if one does.
	Function, Job string
}

// Account is the caller's account, empty for services and anonymous callers.
func (p Principal) Account() string { return account(p.ARN) }

func account(arn string) string {
	if parts := splitARN(arn); len(parts) == 6 {
		return parts[4]
	}
	return ""
}

// Root reports whether the caller is the root user of its account.
func (p Principal) Root() bool { return p.ARN != "" && strings.HasSuffix(p.ARN, ":root") }

func (p Principal) anonymous() bool { return p.ARN == "" && p.Service == "" && p.Provider == "" }

// context returns the keys that follow from the principal:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
func (p Principal) context() Context {
	c := Context{}
	isService := "false"
	if p.Service != "" {
		isService = "true"
		c.Set("aws:PrincipalServiceName", p.Service)
	}
	if !p.anonymous() {
		c.Set("aws:PrincipalIsAWSService", isService)
	}
	if p.ARN == "" {
		return c
	}
	c.Set("aws:PrincipalAccount", p.Account())
	c.Set("aws:PrincipalArn", p.ARN)
	if p.UserID != "" {
		c.Set("aws:userid", p.UserID)
	}
	switch {
	case p.Role != "":
		c.Set("aws:PrincipalArn", p.Role)
		c.Set("aws:PrincipalType", "AssumedRole")
	case p.Root():
		c.Set("aws:PrincipalType", "Account")
	default:
		c.Set("aws:PrincipalType", "User")
		c.Set("aws:username", p.ARN[strings.LastIndex(p.ARN, "/")+1:])
	}
	return c
}

// grant is how directly a statement names the caller, which decides which other policies limit the permission.
type grant int

const (
	grantNone grant = iota
	// grantAccount: the account's root; the account's policies decide.
	grantAccount
	// grantRole: the role of the session.
	grantRole
	// grantCaller: this caller, or everyone.
	grantCaller
)

var accountPrincipal = regexp.MustCompile(`^(?:arn:aws[a-z-]*:iam::)?(\d{12})(?::root)?$`)

// matchesPrincipal reports how the statement names the caller. A statement
// without principals, of an identity policy, names its owner.
func (s *Statement) matchesPrincipal(p Principal) grant {
	if len(s.NotPrincipals) > 0 {
		return s.outsideNotPrincipal(p)
	}
	if len(s.Principals) == 0 {
		return grantCaller
	}
	return named(s.Principals, p)
}

func named(all []Principals, p Principal) grant {
	best := grantNone
	for _, list := range all {
		for _, id := range list.IDs {
			best = max(best, names(list.Type, id, p))
		}
	}
	return best
}

func names(kind, id string, p Principal) grant {
	switch kind {
	case "AWS":
		if id == "*" {
			return grantCaller
		}
		if p.ARN == "" {
			return grantNone
		}
		if m := accountPrincipal.FindStringSubmatch(id); m != nil && m[1] == p.Account() {
			if p.Root() {
				return grantCaller
			}
			return grantAccount
		}
		switch id {
		case p.ARN:
			return grantCaller
		case p.Role:
			return grantRole
		}
	case "Service":
		if id == p.Service {
			return grantCaller
		}
	case "Federated":
		if id == p.Provider {
			return grantCaller
		}
	}
	return grantNone
}

// outsideNotPrincipal: a Deny exempts a caller only if the list names all of the account, the role and the
// session, as AWS's documentation says; an Allow applies to everyone whom the list does not name in any form:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
func (s *Statement) outsideNotPrincipal(p Principal) grant {
	if !s.Deny || p.ARN == "" {
		if named(s.NotPrincipals, p) == grantNone {
			return grantCaller
		}
		return grantNone
	}
	has := func(id string) bool {
		return slices.ContainsFunc(s.NotPrincipals, func(l Principals) bool { return l.Type == "AWS" && slices.Contains(l.IDs, id) })
	}
	accountARN := "arn:" + splitARN(p.ARN)[1] + ":iam::" + p.Account() + ":root"
	spared := (has(p.Account()) || has(accountARN)) && has(p.ARN) && (p.Role == "" || has(p.Role))
	if spared || has("*") {
		return grantNone
	}
	return grantCaller
}
