package awsmodel

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"unicode/utf16"
)

const notNull = "Member must not be null"

// failure is a violated constraint.
type failure struct {
	// path is AWS's path, for example tableInput.storageDescriptor.columns.1.member.name.
	path string
	// name is the member's name in the request.
	name       string
	value      string
	hidden     bool // the value is a secret
	constraint string
}

func (f failure) String() string {
	switch {
	case f.constraint == notNull:
		return fmt.Sprintf("Value null at '%s' failed to satisfy constraint: %s", f.path, f.constraint)
	case f.hidden:
		return fmt.Sprintf("Value at '%s' failed to satisfy constraint: %s", f.path, f.constraint)
	}
	return fmt.Sprintf("Value '%s' at '%s' failed to satisfy constraint: %s", f.value, f.path, f.constraint)
}

// Validate returns a *Refusal if the request violates the service's model.
func (r *Request) Validate() error {
	if r.input == nil {
		return nil // S3
	}
	v := &validator{}
	v.structure(r.input, r.Params, "")
	if v.mistyped != nil {
		return v.mistyped
	}
	if len(v.failures) > 0 {
		return r.refusal(v.failures)
	}
	return nil
}

type validator struct {
	failures []failure
	mistyped *Refusal
}

func (v *validator) structure(s *shape, value map[string]any, path string) {
	for _, name := range s.Required {
		if value[name] == nil {
			v.failures = append(v.failures, failure{path: join(path, name), name: name, constraint: notNull})
		}
	}
	for name, member := range value {
		if ref := s.Members[name]; ref != nil && member != nil {
			v.check(ref.shape, member, join(path, name), name)
		}
	}
}

// join appends a member's name, with a lowercase first letter, to a path.
func join(path, name string) string {
	name = strings.ToLower(name[:1]) + name[1:]
	if path == "" {
		return name
	}
	return path + "." + name
}

func (v *validator) check(s *shape, value any, path, name string) {
	switch value := value.(type) {
	case map[string]any:
		switch s.Type {
		case "structure":
			v.structure(s, value, path)
		case "map":
			v.mapping(s, value, path, name)
		default:
			v.wrongType(s, "JSON object", path)
		}
	case []any:
		if s.Type != "list" {
			v.wrongType(s, "list", path)
			return
		}
		v.list(s, value, path, name)
	default:
		v.scalar(s, value, path, name)
	}
}

// wrongType records a SerializationException: https://smithy.io/2.0/aws/protocols/aws-json-1_1-protocol.html
func (v *validator) wrongType(s *shape, got, path string) {
	v.mistyped = Refuse("SerializationException", "%s can not be converted to %s at '%s'", got, s.Type, path)
}

func (v *validator) list(s *shape, items []any, path, name string) {
	v.add(s, path, name, items, s.length(len(items)))
	for i, item := range items {
		inner := s.Member.shape
		if text, ok := item.(string); ok {
			// AWS reports the whole list.
			if broken := inner.text(text); len(broken) > 0 {
				v.add(s, path, name, items, []string{"Member must satisfy constraint: [" + strings.Join(broken, ", ") + "]"})
			}
			continue
		}
		if item != nil {
			v.check(inner, item, fmt.Sprintf("%s.%d.member", path, i+1), name)
		}
	}
}

func (v *validator) mapping(s *shape, entries map[string]any, path, name string) {
	v.add(s, path, name, entries, s.length(len(entries)))
	for _, key := range slices.Sorted(maps.Keys(entries)) {
		if broken := s.Key.shape.text(key); len(broken) > 0 {
			v.add(s, path, name, entries, []string{"Map keys must satisfy constraint: [" + strings.Join(broken, ", ") + "]"})
		}
		text, ok := entries[key].(string)
		if !ok {
			if entries[key] != nil {
				v.check(s.Value.shape, entries[key], path+"."+key+".member", name)
			}
			continue
		}
		if broken := s.Value.shape.text(text); len(broken) > 0 {
			v.add(s, path, name, entries, []string{"Map value must satisfy constraint: [" + strings.Join(broken, ", ") + "]"})
		}
	}
}

func (v *validator) add(s *shape, path, name string, value any, constraints []string) {
	for _, c := range constraints {
		v.failures = append(v.failures, failure{path: path, name: name, value: display(value), hidden: s.secret(), constraint: c})
	}
}

func (v *validator) scalar(s *shape, value any, path, name string) {
	switch s.Type {
	case "string", "character":
		text, ok := value.(string)
		if !ok {
			v.wrongType(s, fmt.Sprintf("%v", value), path)
			return
		}
		v.add(s, path, name, value, s.text(text))
	case "integer", "long", "float", "double":
		number, err := strconv.ParseFloat(fmt.Sprint(value), 64)
		if err != nil {
			v.wrongType(s, fmt.Sprintf("%q", value), path)
			return
		}
		v.add(s, path, name, value, s.between(number))
	case "boolean":
		if text := fmt.Sprint(value); text != "true" && text != "false" {
			v.wrongType(s, fmt.Sprintf("%q", value), path)
		}
	case "blob":
		if text, ok := value.(string); ok {
			v.add(s, path, name, "java.nio.HeapByteBuffer", s.length(base64.StdEncoding.DecodedLen(len(text))-strings.Count(text[max(0, len(text)-2):], "=")))
		}
	}
}

// text returns the constraints that a string violates.
func (s *shape) text(value string) []string {
	broken := s.length(len(utf16.Encode([]rune(value))))
	if p := s.regex(); p != nil && !p.matches(value) {
		broken = append(broken, "Member must satisfy regular expression pattern: "+p.text)
	}
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, value) {
		broken = append(broken, "Member must satisfy enum value set: ["+strings.Join(s.Enum, ", ")+"]")
	}
	return broken
}

func (s *shape) length(n int) []string { return s.limits(float64(n), "length") }

func (s *shape) between(n float64) []string { return s.limits(n, "value") }

func (s *shape) limits(n float64, what string) []string {
	var broken []string
	if s.Max != nil && n > *s.Max {
		broken = append(broken, fmt.Sprintf("Member must have %s less than or equal to %.0f", what, *s.Max))
	}
	if s.Min != nil && n < *s.Min {
		broken = append(broken, fmt.Sprintf("Member must have %s greater than or equal to %.0f", what, *s.Min))
	}
	return broken
}

// secret reports whether values of the shape may contain secrets and must not appear in messages.
func (s *shape) secret() bool {
	if s.Sensitive || s.Type == "structure" {
		return true
	}
	for _, inner := range []*reference{s.Member, s.Key, s.Value} {
		if inner != nil && inner.shape.secret() {
			return true
		}
	}
	return false
}

func display(value any) string {
	switch value := value.(type) {
	case string:
		return value
	case json.Number:
		return value.String()
	case []any:
		texts := make([]string, len(value))
		for i, item := range value {
			texts[i] = display(item)
		}
		return "[" + strings.Join(texts, ", ") + "]"
	case map[string]any:
		// Only names, because the values may contain a connection's password.
		return "{" + strings.Join(slices.Sorted(maps.Keys(value)), ", ") + "}"
	}
	return fmt.Sprint(value)
}
