package iampolicy

import (
	"bytes"
	"encoding/json"
	"errors"
	"slices"
	"strings"
)

// object is a JSON object with all values of repeated keys. AWS does not document which value is used, so the rules
// check all of them.
type object map[string][]json.RawMessage

func (o *object) UnmarshalJSON(data []byte) error {
	*o = object{}
	decoder := json.NewDecoder(bytes.NewReader(data))
	start, err := decoder.Token()
	if err != nil {
		return err
	}
	if start != json.Delim('{') {
		return errors.New("not an object")
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return err
		}
		var v json.RawMessage
		if err := decoder.Decode(&v); err != nil {
			return err
		}
		name, _ := key.(string)
		(*o)[name] = append((*o)[name], v)
	}
	return nil
}

// elements are the names of the grammar, for a document and for a statement.
var (
	documentElements  = []string{"Version", "Id", "Statement"}
	statementElements = []string{
		"Sid", "Effect", "Action", "NotAction", "Resource", "NotResource", "Principal", "NotPrincipal", "Condition",
	}
	principalKinds = []string{"AWS", "Service", "Federated", "CanonicalUser"}
)

// element returns the grammar's name for a key, regardless of case.
func element(key string, of []string) string {
	if i := slices.IndexFunc(of, func(name string) bool { return strings.EqualFold(name, key) }); i >= 0 {
		return of[i]
	}
	return key
}

// reader reads a document and collects its ambiguities.
type reader struct{ doubts []string }

func (r *reader) doubt(about string) {
	if !slices.Contains(r.doubts, about) {
		r.doubts = append(r.doubts, about)
	}
}

// fields returns the values of an object by element, and adds doubts about keys that occur twice or have another case.
func (r *reader) fields(data json.RawMessage, of []string) (map[string][]json.RawMessage, error) {
	var o object
	if err := json.Unmarshal(data, &o); err != nil {
		return nil, err
	}
	fields := map[string][]json.RawMessage{}
	for key, values := range o {
		name := element(key, of)
		if name != key {
			r.doubt("an element is not spelled as in the grammar")
		}
		fields[name] = append(fields[name], values...)
	}
	for _, values := range fields {
		if len(values) > 1 {
			r.doubt("an element occurs twice")
		}
	}
	return fields, nil
}

// all reads the values of one element into a list.
func all[T any](values []json.RawMessage, read func(json.RawMessage) ([]T, error)) ([]T, error) {
	var list []T
	for _, v := range values {
		more, err := read(v)
		if err != nil {
			return nil, err
		}
		list = append(list, more...)
	}
	return list, nil
}

func (r *reader) document(text string) ([]Statement, error) {
	fields, err := r.fields(json.RawMessage(text), documentElements)
	if err != nil {
		return nil, err
	}
	if len(fields["Statement"]) == 0 {
		return nil, errors.New("no statement")
	}
	raw, err := all(fields["Statement"], oneOrMore)
	if err != nil {
		return nil, err
	}
	var list []Statement
	for i, data := range raw {
		s, err := r.statement(data)
		if err != nil {
			return nil, err
		}
		s.position = i
		list = append(list, s)
	}
	return list, nil
}

// oneOrMore splits a list; anything else is a list of one.
func oneOrMore(data json.RawMessage) ([]json.RawMessage, error) {
	var list []json.RawMessage
	if json.Unmarshal(data, &list) != nil {
		list = []json.RawMessage{data}
	}
	return list, nil
}

func (r *reader) statement(data json.RawMessage) (s Statement, err error) {
	fields, err := r.fields(data, statementElements)
	if err != nil {
		return s, err
	}
	for name, into := range map[string]*[]string{
		"Action": &s.Action, "NotAction": &s.NotAction, "Resource": &s.Resource, "NotResource": &s.NotResource,
	} {
		if *into, err = all(fields[name], oneOrMany); err != nil {
			return s, err
		}
	}
	if s.Principal, err = all(fields["Principal"], r.principals); err != nil {
		return s, err
	}
	if s.NotPrincipal, err = all(fields["NotPrincipal"], r.principals); err != nil {
		return s, err
	}
	if s.Condition, err = all(fields["Condition"], r.conditions); err != nil {
		return s, err
	}
	if s.Sid, err = r.last(fields["Sid"]); err != nil {
		return s, err
	}
	s.Effect, err = r.effect(fields["Effect"])
	s.Resource = s.openedResources()
	return s, err
}

func (r *reader) last(values []json.RawMessage) (string, error) {
	list, err := all(values, oneOrMany)
	if err != nil || len(list) == 0 {
		return "", err
	}
	return list[len(list)-1], nil
}

// effect returns Allow if any spelling of it occurs, and Deny only for the grammar's spelling.
func (r *reader) effect(values []json.RawMessage) (string, error) {
	list, err := all(values, oneOrMany)
	if err != nil {
		return "", err
	}
	isAllow := func(text string) bool { return strings.EqualFold(text, "Allow") }
	if len(list) != 1 || list[0] != "Allow" && list[0] != "Deny" {
		r.doubt("an effect is neither Allow nor Deny")
	}
	switch {
	case slices.ContainsFunc(list, isAllow):
		return "Allow", nil
	case len(list) == 1:
		return list[0], nil
	default:
		return "", nil
	}
}

// oneOrMany reads one string or a list; booleans and numbers count as strings, as in IAM.
func oneOrMany(data json.RawMessage) ([]string, error) {
	var list []json.RawMessage
	if json.Unmarshal(data, &list) != nil {
		list = []json.RawMessage{data}
	}
	read := make([]string, 0, len(list))
	for _, e := range list {
		text, err := scalar(e)
		if err != nil {
			return nil, err
		}
		read = append(read, text)
	}
	return read, nil
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

func (r *reader) principals(data json.RawMessage) ([]Principal, error) {
	var star string
	if json.Unmarshal(data, &star) == nil {
		return []Principal{{"*", star}}, nil
	}
	kinds, err := r.fields(data, principalKinds)
	if err != nil {
		return nil, err
	}
	var list []Principal
	for kind, values := range kinds {
		ids, err := all(values, oneOrMany)
		if err != nil {
			return nil, err
		}
		for _, id := range ids {
			list = append(list, Principal{kind, id})
		}
	}
	slices.SortFunc(list, func(a, b Principal) int {
		return slices.Compare([]string{a.Kind, a.ID}, []string{b.Kind, b.ID})
	})
	return list, nil
}

func (r *reader) conditions(data json.RawMessage) ([]Condition, error) {
	operators, err := r.fields(data, nil)
	if err != nil {
		return nil, err
	}
	var list []Condition
	for operator, values := range operators {
		for _, v := range values {
			keys, err := r.fields(v, nil)
			if err != nil {
				return nil, err
			}
			for key, values := range keys {
				of, err := all(values, oneOrMany)
				if err != nil {
					return nil, err
				}
				list = append(list, Condition{operator, key, of})
			}
		}
	}
	slices.SortFunc(list, func(a, b Condition) int {
		return slices.Compare([]string{a.Operator, a.Key}, []string{b.Operator, b.Key})
	})
	return list, nil
}
