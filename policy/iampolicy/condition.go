package iampolicy

import (
	"net/netip"
	"slices"
	"strings"
)

// operator is a condition operator without its case and its modifiers.
type operator struct {
	name string
	// lenient operators also accept requests without the key: IfExists and ForAllValues.
	lenient bool
	negated bool
}

func (c Condition) operator() operator {
	name := strings.ToLower(c.Operator)
	o := operator{lenient: strings.HasSuffix(name, "ifexists") || strings.HasPrefix(name, "forallvalues:")}
	name = strings.TrimSuffix(name, "ifexists")
	if _, after, quantified := strings.Cut(name, ":"); quantified {
		name = after
	}
	o.negated = strings.Contains(name, "not")
	o.name = name
	return o
}

// ConditionOn returns the values in conditions on the key, and whether one of the conditions narrows the
// statement.
func (s Statement) ConditionOn(key string) ([]string, bool) {
	var values []string
	for _, c := range s.Condition {
		if strings.EqualFold(c.Key, key) && s.narrowedBy(c) {
			values = append(values, s.openedValues(c)...)
		}
	}
	return values, len(values) > 0
}

// Narrowed reports whether any of the condition keys narrows the statement for every request. A key that ends with a
// colon or a slash is a prefix.
func (s Statement) Narrowed(keys ...string) bool {
	for _, c := range s.Condition {
		for _, key := range keys {
			open := strings.HasSuffix(key, ":") || strings.HasSuffix(key, "/")
			prefix := open && strings.HasPrefix(strings.ToLower(c.Key), strings.ToLower(key))
			if (prefix || strings.EqualFold(c.Key, key)) && s.narrowedBy(c) {
				return true
			}
		}
	}
	return false
}

// narrowedBy reports whether one of the statement's conditions narrows it. Comparisons of numbers and dates do not
// limit principals or resources, and patterns that match anyone do not narrow.
func (s Statement) narrowedBy(c Condition) bool {
	o := c.operator()
	comparable := slices.ContainsFunc([]string{"string", "arn", "ipaddress", "bool", "binary"}, func(kind string) bool {
		return strings.HasPrefix(o.name, kind)
	})
	switch {
	case o.negated || !comparable || len(c.Values) == 0:
		return false
	case o.lenient && !s.requires(c.Key):
		return false
	case o.name == "ipaddress":
		return !wideNetworks(c.Values)
	}
	for i, value := range s.openedValues(c) {
		operator := o.name
		if value != c.Values[i] {
			operator = "stringlike" // A variable may be any string.
		}
		if admitsAnyone(operator, c.Key, value) {
			return false
		}
	}
	return true
}

// requires reports whether another condition refuses requests without the key.
func (s Statement) requires(key string) bool {
	return slices.ContainsFunc(s.Condition, func(c Condition) bool {
		return strings.EqualFold(c.Operator, "Null") && strings.EqualFold(c.Key, key) && slices.Equal(c.Values, []string{"false"})
	})
}

// wideNetworks reports whether blocks cover more public addresses than one organization has: 1/256 of the IPv4
// addresses, or an IPv6 block that registries, not providers, assign.
func wideNetworks(blocks []string) bool {
	addresses := 0.0
	for _, text := range blocks {
		block, err := netip.ParsePrefix(text)
		if err != nil {
			if _, single := netip.ParseAddr(text); single != nil {
				return true // AWS rejects it.
			}
			continue
		}
		switch {
		case block.Addr().Is6() && block.Bits() < 24:
			return true
		case block.Addr().Is4():
			addresses += float64(uint64(1) << (32 - block.Bits()))
		}
	}
	return addresses >= 1<<24 && !slices.Equal(blocks, []string{"10.0.0.0/8"})
}

// whole are keys whose values are identifiers without parts, so that a pattern matches identifiers of strangers.
var whole = []string{
	"aws:PrincipalAccount", "aws:SourceAccount", "aws:SourceOwner", "aws:ResourceAccount", "kms:CallerAccount",
	"aws:PrincipalOrgID", "aws:SourceOrgID", "aws:ResourceOrgID", "aws:SourceVpc", "aws:SourceVpce",
	"s3:DataAccessPointAccount", "sts:ExternalId", "iam:PassedToService", "kms:ViaService",
}

// strangers are values of condition keys that no policy can intend to admit.
var strangers = []string{
	"999999999999", "o-strangerorg", "vpc-0999999999999999f", "vpce-0999999999999999f", "203.0.113.77", "stranger",
	"stranger.amazonaws.com", "arn:aws:iam::999999999999:root", "arn:aws:iam::999999999999:role/stranger",
	"arn:aws:iam::999999999999:user/stranger", "arn:aws:sts::999999999999:assumed-role/stranger/stranger",
	"arn:aws:s3:::stranger", "arn:aws:sns:eu-west-1:999999999999:stranger",
}

// admitsAnyone reports whether a condition's value admits strangers.
func admitsAnyone(operator, key, value string) bool {
	pattern := strings.ContainsAny(value, "*?")
	equality := operator == "stringequals" || operator == "stringequalsignorecase" || operator == "bool" || operator == "binaryequals"
	lower := strings.ToLower(key)
	switch {
	case strings.Trim(value, "*?") == "":
		return true
	case equality || !pattern:
		return false
	case slices.ContainsFunc(whole, func(k string) bool { return strings.EqualFold(k, key) }):
		return true
	case strings.HasSuffix(lower, "orgpaths"):
		organization, _, _ := strings.Cut(value, "/")
		return strings.ContainsAny(organization, "*?")
	case strings.HasSuffix(lower, ":sub"):
		return anySubject(value)
	case lower == "aws:userid":
		return strings.IndexAny(value, "*?") < len("AROA0123456789")
	case strings.HasPrefix(value, "arn:"):
		return AnyARN(value)
	case wildName(resourceKind.ReplaceAllString(value, "")):
		return true
	}
	return slices.ContainsFunc(strangers, func(stranger string) bool { return Matches(value, stranger) })
}

// AnyARN reports whether a pattern for an ARN matches resources of any account. Buckets have no account in their
// ARNs: there the name must not begin with a wildcard.
func AnyARN(pattern string) bool {
	parts := strings.SplitN(pattern, ":", 6)
	if len(parts) < 6 {
		return true
	}
	if parts[4] == "" {
		return wildName(parts[5])
	}
	return strings.ContainsAny(parts[4], "*?")
}

// subjects are the prefixes, before the owner's name, of the subjects of known identity providers. The name ends
// at mark.
var subjects = []struct{ begin, mark string }{
	{"repo:", "/"}, {"project_path:", "/"}, {"system:serviceaccount:", ":"}, {"organization:", ":"},
}

// anySubject reports whether a pattern for the subject of a token matches tokens of strangers. GitHub signs tokens
// for every repository, so the pattern must contain the owner:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
func anySubject(pattern string) bool {
	literal := pattern[:strings.IndexAny(pattern, "*?")]
	for _, s := range subjects {
		if strings.HasPrefix(pattern, s.begin) {
			return !strings.Contains(strings.TrimPrefix(literal, s.begin), s.mark)
		}
	}
	return len(literal) < 6
}

// NamesCaller reports whether a condition admits only callers with listed ARNs or IDs, and not a whole
// account.
func (s Statement) NamesCaller() bool {
	for _, key := range []string{"aws:PrincipalArn", "aws:userid", "aws:username", "aws:SourceIdentity", "sts:ExternalId"} {
		values, narrow := s.ConditionOn(key)
		if narrow && !slices.ContainsFunc(values, wholeAccount) {
			return true
		}
	}
	return s.Narrowed("aws:PrincipalTag/")
}

// wholeAccount reports whether an ARN means everyone in an account.
func wholeAccount(arn string) bool {
	parts := strings.SplitN(arn, ":", 6)
	return len(parts) == 6 && (parts[5] == "root" || wildResource(parts))
}

// Accounts returns the accounts of the statement's principals, and the accounts that its conditions admit. Canonical
// users and origin access identities, whose accounts are unknown, are returned unchanged.
func (s Statement) Accounts() []string {
	var accounts []string
	add := func(account string) {
		if account != "" {
			accounts = append(accounts, account)
		}
	}
	for _, p := range s.Principal {
		switch {
		case p.Kind == "CanonicalUser" && p.ID != "*", originAccessIdentity(p.ID):
			add(p.ID)
		case p.Kind != "Service":
			add(AccountOf(p.ID))
		}
	}
	for _, key := range callerKeys {
		values, _ := s.ConditionOn(key)
		for _, id := range values {
			add(AccountOf(id))
		}
	}
	return accounts
}

// originAccessIdentity reports whether a principal is the identity of a CloudFront distribution in any account:
// https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/private-content-restricting-access-to-s3.html
func originAccessIdentity(id string) bool {
	parts := strings.SplitN(id, ":", 6)
	return len(parts) == 6 && parts[2] == "iam" && parts[4] == "cloudfront"
}

// AccountOf returns the account in an ARN, or an account's number itself; "" for anything else.
func AccountOf(id string) string {
	if parts := strings.SplitN(id, ":", 6); len(parts) == 6 && parts[0] == "arn" {
		id = parts[4]
	}
	if len(id) != 12 || strings.Trim(id, "0123456789") != "" {
		return ""
	}
	return id
}

// DeniesPlainHTTP reports whether the statement denies all requests without TLS. A second condition would exclude
// some requests.
func (s Statement) DeniesPlainHTTP() bool {
	if !s.Denies() || !s.Everyone() || len(s.Condition) != 1 {
		return false
	}
	c := s.Condition[0]
	o := c.operator()
	return slices.Contains([]string{"bool", "stringequals", "stringequalsignorecase", "stringlike"}, o.name) &&
		strings.EqualFold(c.Key, "aws:SecureTransport") && slices.Contains(c.Values, "false")
}
