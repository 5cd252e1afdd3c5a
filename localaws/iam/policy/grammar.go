package policy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

const (
	version2012 = "2012-10-17"
	version2008 = "2008-10-17"
)

// MalformedError means that a document is not a valid policy of its kind. The reason contains no values of the
// document.
type MalformedError struct{ Reason string }

func (e *MalformedError) Error() string { return "malformed policy document: " + e.Reason }

func malformed(format string, args ...any) error {
	return &MalformedError{Reason: fmt.Sprintf(format, args...)}
}

// Parse parses a document and checks it against IAM's grammar:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
// The error is a *MalformedError.
func Parse(kind Kind, text []byte) (*Document, error) {
	var top map[string]json.RawMessage
	if err := json.Unmarshal(text, &top); err != nil {
		return nil, malformed("it is not a JSON object")
	}
	d := &Document{Version: version2008}
	for _, key := range slices.Sorted(maps.Keys(top)) {
		switch key {
		case "Version":
			if json.Unmarshal(top[key], &d.Version) != nil || (d.Version != version2012 && d.Version != version2008) {
				return nil, malformed("Version must be %s or %s", version2012, version2008)
			}
		case "Id", "Statement":
		default:
			return nil, malformed("unknown element %q", key)
		}
	}
	var statements []map[string]json.RawMessage
	if err := oneOrMore(top["Statement"], &statements); err != nil || len(statements) == 0 {
		return nil, malformed("Statement must be an object or a list of objects")
	}
	sids := map[string]bool{}
	for i, raw := range statements {
		s, err := parseStatement(raw)
		if err != nil {
			return nil, err
		}
		s.position, s.variables = i, d.Version == version2012
		if err := s.check(kind); err != nil {
			return nil, err
		}
		if s.Sid != "" && sids[s.Sid] {
			return nil, malformed("Statement IDs (SID) in a single policy must be unique")
		}
		sids[s.Sid] = true
		d.Statements = append(d.Statements, *s)
	}
	return d, nil
}

func parseStatement(raw map[string]json.RawMessage) (*Statement, error) {
	s := &Statement{}
	for _, key := range slices.Sorted(maps.Keys(raw)) {
		var err error
		switch key {
		case "Sid":
			err = json.Unmarshal(raw[key], &s.Sid)
		case "Effect":
			s.Deny, err = parseEffect(raw[key])
		case "Action":
			s.Action, err = parseStrings(raw[key])
		case "NotAction":
			s.NotAction, err = parseStrings(raw[key])
		case "Resource":
			s.Resource, err = parseStrings(raw[key])
		case "NotResource":
			s.NotResource, err = parseStrings(raw[key])
		case "Principal":
			s.Principals, err = parsePrincipals(raw[key])
		case "NotPrincipal":
			s.NotPrincipals, err = parsePrincipals(raw[key])
		case "Condition":
			s.Conditions, err = parseConditions(raw[key])
		default:
			return nil, malformed("unknown element %q in a statement", key)
		}
		if err != nil {
			var known *MalformedError
			if errors.As(err, &known) {
				return nil, err
			}
			return nil, malformed("%s has the wrong form", key)
		}
	}
	if raw["Effect"] == nil {
		return nil, malformed("Missing required field Effect")
	}
	return s, nil
}

func parseEffect(data json.RawMessage) (deny bool, err error) {
	var effect string
	if json.Unmarshal(data, &effect) != nil || (effect != "Allow" && effect != "Deny") {
		return false, malformed("Invalid effect: it must be Allow or Deny")
	}
	return effect == "Deny", nil
}

var (
	actionForm = regexp.MustCompile(`^(\*|[A-Za-z0-9*-]+:\S+)$`)
	sidForm    = regexp.MustCompile(`^[A-Za-z0-9]*$`)
)

// check checks rules that depend on the policy's kind.
func (s *Statement) check(kind Kind) error {
	if (len(s.Action) > 0) == (len(s.NotAction) > 0) {
		return malformed("a statement must have either Action or NotAction")
	}
	for _, action := range slices.Concat(s.Action, s.NotAction) {
		if !actionForm.MatchString(action) {
			return malformed("Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.")
		}
	}
	principals, resources := len(s.Principals)+len(s.NotPrincipals), len(s.Resource)+len(s.NotResource)
	switch {
	case kind.hasPrincipal() && (len(s.Principals) > 0) == (len(s.NotPrincipals) > 0):
		return malformed("a statement must have either Principal or NotPrincipal")
	case !kind.hasPrincipal() && principals > 0:
		return malformed("Policy document should not specify a principal.")
	case kind == Trust && resources > 0:
		return malformed("Has prohibited field Resource")
	case kind != Trust && (len(s.Resource) > 0) == (len(s.NotResource) > 0):
		return malformed("Policy statement must contain resources.")
	case kind == Identity && !sidForm.MatchString(s.Sid):
		return malformed("Statement IDs (SID) must be alpha-numeric.")
	}
	for _, resource := range slices.Concat(s.Resource, s.NotResource) {
		if !strings.HasPrefix(resource, "arn:") && strings.Trim(resource, "*") != "" && !kind.hasPrincipal() {
			return malformed(`Resource must be in ARN format or "*".`)
		}
	}
	return nil
}

// oneOrMore decodes a list, or a single member as a list.
func oneOrMore[T any](data json.RawMessage, list *[]T) error {
	data = bytes.TrimSpace(data)
	if len(data) > 0 && data[0] == '[' {
		return json.Unmarshal(data, list)
	}
	var one T
	if err := json.Unmarshal(data, &one); err != nil {
		return err
	}
	*list = []T{one}
	return nil
}
