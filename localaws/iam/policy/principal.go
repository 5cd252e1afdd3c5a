package policy

import (
	"regexp"
	"slices"
	"strings"
)

// Principal is the caller of a request.
type Principal struct {
	// ARN is the ARN of a user, a role session
	// (arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION) or the account's root, as in AWS's messages.
	ARN string
	// Role is the ARN of the session's role, with its path. It is empty for other callers.
	Role string
	// UserID is aws:userid, for example AROAEXAMPLE:SESSION, or "".
	UserID string
	// Service is the name of a service as the caller, for example events.amazonaws.com. It has no ARN.
	Service string
	// Provider is the ARN or name of an identity provider, for calls that assume a role with a token.
	Provider string
	// Function or Job is the name of the Lambda function or Glue job that runs with the session.
	Function, Job string
}

// Account returns the caller's account, or "" for services and anonymous callers.
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

// context returns the principal's condition keys:
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

// grant is how directly a statement names the caller. It determines which other policies limit the permission.
type grant int

const (
	grantNone grant = iota
	// grantAccount names the account's root, which delegates to the account's policies.
	grantAccount
	// grantRole names the session's role.
	grantRole
	// grantCaller names the caller, or everyone.
	grantCaller
)

var accountPrincipal = regexp.MustCompile(`^(?:arn:aws[a-z-]*:iam::)?(\d{12})(?::root)?$`)

// matchesPrincipal returns how directly the statement names the caller. A statement of an identity policy has no
// principals, and applies to the policy's owner.
func (s *Statement) matchesPrincipal(p Principal) grant {
	if len(s.NotPrincipals) > 0 {
		return s.outsideNotPrincipal(p)
	}
	if len(s.Principals) == 0 {
		return grantCaller
	}
	return strongestGrant(s.Principals, p)
}

// strongestGrant returns the most direct grant to the caller in lists of principals.
func strongestGrant(all []Principals, p Principal) grant {
	best := grantNone
	for _, list := range all {
		for _, id := range list.IDs {
			best = max(best, principalGrant(list.Type, id, p))
		}
	}
	return best
}

// principalGrant returns how directly a principal in a policy names the caller.
func principalGrant(kind, id string, p Principal) grant {
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

// outsideNotPrincipal returns grantCaller if NotPrincipal does not exempt the caller. A Deny exempts a caller only if
// the list contains its account, role and session. An Allow exempts callers that the list names in any form:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_notprincipal.html
func (s *Statement) outsideNotPrincipal(p Principal) grant {
	if !s.Deny || p.ARN == "" {
		if strongestGrant(s.NotPrincipals, p) == grantNone {
			return grantCaller
		}
		return grantNone
	}
	has := func(id string) bool {
		return slices.ContainsFunc(s.NotPrincipals, func(l Principals) bool { return l.Type == "AWS" && slices.Contains(l.IDs, id) })
	}
	accountARN := "arn:" + splitARN(p.ARN)[1] + ":iam::" + p.Account() + ":root"
	exempt := (has(p.Account()) || has(accountARN)) && has(p.ARN) && (p.Role == "" || has(p.Role))
	if exempt || has("*") {
		return grantNone
	}
	return grantCaller
}
