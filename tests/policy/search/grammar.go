package search

import (
	"encoding/json"
	"math/rand/v2"
	"slices"
	"strings"
)

// object and list are parts of a document.
type (
	object = map[string]any
	list   = []any
)

// generator generates documents that follow IAM's grammar. All names are the stack's, so that a document reaches
// other resources only by a pattern, an exception or a missing condition.
type generator struct{ *rand.Rand }

func pick[T any](g generator, from ...T) T { return from[g.IntN(len(from))] }

// document returns a document for the kind of policy: of a role, of a resource, or of trust.
func (g generator) document(k subject) string {
	statements := make(list, 1+g.IntN(2))
	for i := range statements {
		statements[i] = g.statement(k)
	}
	var body any = statements
	if len(statements) == 1 && g.IntN(3) == 0 {
		body = statements[0]
	}
	text, err := json.Marshal(object{"Version": pick(g, "2012-10-17", "2012-10-17", "2008-10-17"), "Statement": body})
	if err != nil {
		panic(err) // Strings always marshal.
	}
	return string(text)
}

func (g generator) statement(k subject) object {
	s := object{"Effect": pick(g, "Allow", "Allow", "Allow", "Allow", "Deny")}
	s[pick(g, "Action", "Action", "Action", "Action", "NotAction")] = g.some(func() string { return g.action(k) })
	if k.resources != nil {
		s[pick(g, "Resource", "Resource", "Resource", "Resource", "NotResource")] = g.some(func() string { return g.pattern(pick(g, k.resources...)) })
	}
	if k.principals != nil {
		s[pick(g, "Principal", "Principal", "Principal", "Principal", "NotPrincipal")] = g.principal(k)
	}
	if g.IntN(2) == 0 {
		s["Condition"] = g.conditions()
	}
	return s
}

// some returns one string, or a list of up to three.
func (g generator) some(one func() string) any {
	if g.IntN(2) == 0 {
		return one()
	}
	var texts list
	for range 1 + g.IntN(3) {
		texts = append(texts, one())
	}
	return texts
}

func (g generator) action(k subject) string {
	action := pick(g, k.actions...)
	switch g.IntN(6) {
	case 0:
		service, name, _ := strings.Cut(action, ":")
		return g.pattern(service) + ":" + g.pattern(name)
	case 1:
		return strings.ToUpper(action)
	case 2, 3:
		service, name, _ := strings.Cut(action, ":")
		return service + ":" + g.pattern(name)
	default:
		return action
	}
}

// pattern replaces parts of a string with wildcards or a variable, several times.
func (g generator) pattern(text string) string {
	for range g.IntN(4) {
		runes := []byte(text)
		if len(runes) == 0 {
			return "*"
		}
		from := g.IntN(len(runes))
		to := min(len(runes), from+1+g.IntN(len(runes)))
		switch g.IntN(7) {
		case 0:
			runes[from] = '?'
			text = string(runes)
		case 1:
			text = text[:from] + "*"
		case 2:
			text = text[:from] + "*" + text[to:]
		case 3: // One part of an ARN.
			parts := strings.Split(text, pick(g, ":", "/"))
			separator := text[min(len(text)-1, len(parts[0])) : min(len(text)-1, len(parts[0]))+1]
			if len(parts) > 1 {
				parts[1+g.IntN(len(parts)-1)] = pick(g, "*", "?*", "*?")
				text = strings.Join(parts, separator)
			}
		case 4:
			text = strings.ReplaceAll(text, "store", "${aws:RequestTag/name}")
		case 5:
			text = strings.ReplaceAll(text, account, "${aws:PrincipalAccount}")
		default:
			text = strings.Repeat("?", g.IntN(3)) + "*" + text[to:]
		}
	}
	return text
}

func (g generator) principal(k subject) any {
	if g.IntN(4) == 0 {
		return "*"
	}
	kind := pick(g, "AWS", "AWS", "AWS", "Service", "Federated")
	ids := k.principals[kind]
	return object{kind: g.some(func() string { return pick(g, ids...) })}
}

var operators = []string{
	"StringEquals", "StringLike", "StringNotEquals", "StringNotLike", "StringEqualsIgnoreCase", "ArnEquals", "ArnLike", "ArnNotLike",
	"Bool", "Null", "IpAddress", "NotIpAddress", "NumericLessThan", "NumericGreaterThanEquals", "DateGreaterThan", "DateLessThan",
}

// values are the values that an author of the stack would compare a key with.
var values = map[string][]string{
	"aws:PrincipalAccount": {account, "????????????", "*", "${aws:PrincipalAccount}"}, "aws:SourceAccount": {account, "*"},
	"kms:CallerAccount": {account, "*", "${aws:PrincipalAccount}"}, "aws:ResourceAccount": {account, "${aws:PrincipalAccount}", "${aws:ResourceAccount}"},
	"aws:PrincipalArn":   {role, "${aws:PrincipalArn}", "arn:aws:iam::*:user/*", "arn:aws:iam::" + account + ":*"},
	"aws:PrincipalOrgID": {"o-own0own0ow", "o-*", "${aws:PrincipalOrgID}"}, "aws:SourceIp": {"198.51.100.0/24", "0.0.0.0/0", "0.0.0.0/1", "128.0.0.0/1"},
	"aws:SourceVpce": {"vpce-0123456789abcdef0", "vpce-*"}, "aws:SecureTransport": {"true", "false"},
	"aws:CurrentTime": {"2020-01-01T00:00:00Z", "2030-01-01T00:00:00Z"}, "aws:RequestedRegion": {"eu-west-1", "*"},
	"aws:UserAgent": {"*", "curl*"}, "aws:MultiFactorAuthPresent": {"true", "false"}, "aws:EpochTime": {"1", "99999999999"},
	"aws:SourceArn": {"arn:aws:sns:eu-west-1:" + account + ":t", "arn:aws:*:*:*:*"}, "aws:userid": {"AROAEXAMPLE:*", "*:*", "AIDA*", "${aws:userid}"},
	"sts:ExternalId": {"5f2c", "*"}, "iam:PassedToService": {"glue.amazonaws.com", "*"}, "kms:ViaService": {"s3.eu-west-1.amazonaws.com"},
	"aws:ResourceTag/Project": {"store-events", "*"}, "kms:GrantIsForAWSResource": {"true"}, "s3:max-keys": {"1000000"},
	"aws:TagKeys": {"Project"}, "aws:PrincipalTag/team": {"data", "*"}, "secretsmanager:ResourceTag/Project": {"store-events", "*"},
}

var keys = func() []string {
	var all []string
	for key := range values {
		all = append(all, key)
	}
	slices.Sort(all)
	return all
}()

func (g generator) conditions() object {
	all := object{}
	for range 1 + g.IntN(2) {
		operator := pick(g, operators...)
		if g.IntN(4) == 0 && operator != "Null" {
			operator += "IfExists"
		}
		if g.IntN(5) == 0 {
			operator = pick(g, "ForAllValues:", "ForAnyValue:") + operator
		}
		key := pick(g, keys...)
		of := values[key]
		if strings.Contains(operator, "Null") || strings.Contains(operator, "Bool") {
			of = []string{"true", "false"}
		}
		all[operator] = object{g.spelled(key): g.some(func() string { return pick(g, of...) })}
	}
	return all
}

func (g generator) spelled(key string) string {
	if g.IntN(6) == 0 {
		return strings.ToLower(key)
	}
	return key
}
