// Package awsrules rejects requests that violate AWS's rules outside of its service models. Each rule links to its
// source. Rules need only the request: checks that need the account's resources are in the packages with the resources.
package awsrules

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"localaws/awsmodel"
)

// rule returns nil or an *awsmodel.Refusal.
type rule func(p params) error

// rules maps service and operation to a rule. checkKey applies to all operations of S3.
var rules = collect(ec2Rules, rdsRules, glueRules, eventRules, snsRules, lambdaRules, iamRules, s3Rules)

func collect(groups ...map[string]rule) map[string]rule {
	all := map[string]rule{}
	for _, group := range groups {
		maps.Copy(all, group)
	}
	return all
}

// Check returns an *awsmodel.Refusal for a request that AWS rejects.
func Check(r *awsmodel.Request) error {
	p := params(r.Params)
	if r.Service == "s3" {
		if err := checkKey(p); err != nil {
			return err
		}
	}
	check := rules[r.Service+":"+r.Operation]
	if check == nil {
		return nil
	}
	return check(p)
}

// first returns the first error.
func first(errs ...error) error { return cmp.Or(errs...) }

func refuse(code, format string, args ...any) error { return awsmodel.Refuse(code, format, args...) }

// params are the input of an operation.
type params map[string]any

func (p params) text(name string) string {
	s, _ := p[name].(string)
	return s
}

func (p params) has(name string) bool { return p[name] != nil }

// number returns an integer, which some protocols send as a string, or false if it is missing.
func (p params) number(name string) (int, bool) {
	n, err := strconv.Atoi(fmt.Sprint(p[name]))
	return n, err == nil
}

func (p params) object(name string) params {
	m, _ := p[name].(map[string]any)
	return m
}

func (p params) list(name string) []any {
	l, _ := p[name].([]any)
	return l
}

// objects returns the structures of a list.
func (p params) objects(name string) []params {
	var out []params
	for _, item := range p.list(name) {
		if m, ok := item.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

// texts returns a map's string values, by key.
func (p params) texts(name string) map[string]string {
	out := map[string]string{}
	for key, value := range p.object(name) {
		if s, ok := value.(string); ok {
			out[key] = s
		}
	}
	return out
}

// repeated returns the first name that occurs twice, or "".
func repeated(names []string) string {
	seen := map[string]bool{}
	for _, name := range names {
		if seen[name] {
			return name
		}
		seen[name] = true
	}
	return ""
}

// policySize returns the size of a policy document as IAM counts it, without white space outside of strings.
func policySize(document string) int {
	var parsed any
	if json.Unmarshal([]byte(document), &parsed) != nil {
		return len([]rune(document))
	}
	length, inString, escaped := 0, false, false
	for _, c := range document {
		switch {
		case escaped:
			escaped = false
		case inString && c == '\\':
			escaped = true
		case c == '"':
			inString = !inString
		}
		if inString || !slices.Contains([]rune{' ', '\t', '\n', '\r'}, c) {
			length++
		}
	}
	return length
}
