package iampolicy

import (
	"encoding/json"
	"errors"
	"slices"
)

type statements []rawStatement

func (s *statements) UnmarshalJSON(data []byte) error {
	var list []rawStatement
	if json.Unmarshal(data, &list) == nil {
		*s = list
		return nil
	}
	var one rawStatement
	if err := json.Unmarshal(data, &one); err != nil {
		return err
	}
	*s = []rawStatement{one}
	return nil
}

type rawStatement struct {
	Sid, Effect           string
	Action, NotAction     texts
	Resource, NotResource texts
	Principal             principals
	NotPrincipal          principals
	Condition             map[string]map[string]texts
}

func (r rawStatement) statement(position int) Statement {
	s := Statement{
		Sid: r.Sid, Effect: r.Effect, Action: r.Action, NotAction: r.NotAction, Resource: r.Resource, NotResource: r.NotResource,
		Principal: r.Principal, NotPrincipal: r.NotPrincipal, position: position,
	}
	for operator, comparisons := range r.Condition {
		for key, values := range comparisons {
			s.Condition = append(s.Condition, Condition{operator, key, values})
		}
	}
	slices.SortFunc(s.Condition, func(a, b Condition) int {
		return slices.Compare([]string{a.Operator, a.Key}, []string{b.Operator, b.Key})
	})
	return s
}

// texts is one string or a list; booleans and numbers count as strings, as in IAM.
type texts []string

func (t *texts) UnmarshalJSON(data []byte) error {
	var list []json.RawMessage
	if json.Unmarshal(data, &list) != nil {
		list = []json.RawMessage{data}
	}
	*t = nil
	for _, e := range list {
		text, err := scalar(e)
		if err != nil {
			return err
		}
		*t = append(*t, text)
	}
	return nil
}

func scalar(data json.RawMessage) (string, error) {
	var text string
	if json.Unmarshal(data, &text) == nil {
		return text, nil
	}
	var v any
	if err := json.Unmarshal(data, &v); err != nil {
		return "", err
	}
	switch v.(type) {
	case bool, float64:
		return string(data), nil
	default:
		return "", errors.New("neither a string nor a list of strings")
	}
}

type principals []Principal

func (p *principals) UnmarshalJSON(data []byte) error {
	var star string
	if json.Unmarshal(data, &star) == nil {
		*p = []Principal{{"*", star}}
		return nil
	}
	var kinds map[string]texts
	if err := json.Unmarshal(data, &kinds); err != nil {
		return err
	}
	*p = nil
	for kind, ids := range kinds {
		for _, id := range ids {
			*p = append(*p, Principal{kind, id})
		}
	}
	slices.SortFunc(*p, func(a, b Principal) int {
		return slices.Compare([]string{a.Kind, a.ID}, []string{b.Kind, b.ID})
	})
	return nil
}
