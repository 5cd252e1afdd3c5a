// Package value reads resource properties without ever panicking. A property may be missing, not known yet (in a
// preview), of an unexpected shape, or wrapped in a secret. Each is a separate state, so that none is mistaken for a
// valid value.
package value

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// State is what is known about a property.
type State int

// The states of a property. The zero value is Missing: absent, or null.
const (
	Missing State = iota
	Known
	Unknown
	Malformed
)

// Value is a property and its path within the resource. Its zero value is a missing property.
type Value struct {
	path  string
	state State
	raw   property.Value
	want  string
}

// Of returns the root of a resource's properties.
func Of(m property.Map) Value {
	return Value{state: Known, raw: property.New(m)}
}

// Path returns the property's path, e.g. rules[0].sseAlgorithm.
func (v Value) Path() string { return v.path }

// Root returns the first segment of the path: the resource property that contains this one.
func (v Value) Root() string {
	end := strings.IndexAny(v.path, ".[")
	if end < 0 {
		return v.path
	}
	return v.path[:end]
}

// State returns whether the property is missing, known, unknown, or not of the shape that its path implies.
func (v Value) State() State { return v.state }

// Secret reports whether the property is marked as a secret.
func (v Value) Secret() bool { return v.raw.HasSecrets() }

// Get follows keys into nested objects. Everything below an unknown property is unknown.
func (v Value) Get(keys ...string) Value {
	for _, key := range keys {
		v = v.field(key)
	}
	return v
}

func (v Value) field(key string) Value {
	path := join(v.path, key)
	if v.state != Known {
		return Value{path: path, state: v.state, raw: v.raw, want: v.want}
	}
	if !v.raw.IsMap() {
		return v.malformed("an object")
	}
	return at(path, v.raw.AsMap().Get(key), v.raw.Secret())
}

// Elements returns the elements of a list. For an unknown or malformed list it returns one such element, so that
// checks of all elements notice it.
func (v Value) Elements() []Value {
	switch {
	case v.state == Missing:
		return nil
	case v.state != Known:
		return []Value{v}
	case !v.raw.IsArray():
		return []Value{v.malformed("a list")}
	}
	elements := make([]Value, 0, v.raw.AsArray().Len())
	for i, e := range v.raw.AsArray().All {
		elements = append(elements, at(fmt.Sprintf("%s[%d]", v.path, i), e, v.raw.Secret()))
	}
	return elements
}

// Fields returns the fields of an object, sorted by key. As in Elements, the result for an unknown or malformed
// object is one such field, with an empty key.
func (v Value) Fields() []Field {
	switch {
	case v.state == Missing:
		return nil
	case v.state != Known:
		return []Field{{Value: v}}
	case !v.raw.IsMap():
		return []Field{{Value: v.malformed("an object")}}
	}
	fields := make([]Field, 0, v.raw.AsMap().Len())
	for key, e := range v.raw.AsMap().AllStable {
		fields = append(fields, Field{Key: key, Value: at(join(v.path, key), e, v.raw.Secret())})
	}
	return fields
}

// Field is a field of an object.
type Field struct {
	Key   string
	Value Value
}

// Bool reads a boolean; a missing one is false. It accepts the strings that providers accept, such as "true" and
// "0": pulumi-terraform-bridge converts them with strconv.ParseBool.
func (v Value) Bool() (bool, error) {
	if err := v.Err(); err != nil || v.state == Missing {
		return false, err
	}
	switch {
	case v.raw.IsBool():
		return v.raw.AsBool(), nil
	case v.raw.IsString():
		if on, err := strconv.ParseBool(v.raw.AsString()); err == nil {
			return on, nil
		}
	}
	return false, v.malformed("a boolean").Err()
}

// Text reads a string; a missing one is empty. Numbers and booleans are formatted as providers do.
func (v Value) Text() (string, error) {
	if err := v.Err(); err != nil || v.state == Missing {
		return "", err
	}
	switch {
	case v.raw.IsString():
		return v.raw.AsString(), nil
	case v.raw.IsNumber():
		return strconv.FormatFloat(v.raw.AsNumber(), 'f', -1, 64), nil
	case v.raw.IsBool():
		return strconv.FormatBool(v.raw.AsBool()), nil
	}
	return "", v.malformed("a string").Err()
}

// Number reads a number; a missing one is 0. It accepts a string of digits, as providers do.
func (v Value) Number() (float64, error) {
	if err := v.Err(); err != nil || v.state == Missing {
		return 0, err
	}
	switch {
	case v.raw.IsNumber():
		return v.raw.AsNumber(), nil
	case v.raw.IsString():
		if n, err := strconv.ParseFloat(v.raw.AsString(), 64); err == nil {
			return n, nil
		}
	}
	return 0, v.malformed("a number").Err()
}

// Raw returns the property itself, for checks of the whole value.
func (v Value) Raw() property.Value { return v.raw }

// Err returns an error if the value is unknown or malformed.
func (v Value) Err() error {
	switch v.state {
	case Unknown:
		return &Error{Path: v.path, Unknown: true}
	case Malformed:
		return &Error{Path: v.path, Want: v.want, Got: kind(v.raw)}
	default:
		return nil
	}
}

func (v Value) malformed(want string) Value {
	return Value{path: v.path, state: Malformed, raw: v.raw, want: want}
}

func at(path string, raw property.Value, secret bool) Value {
	raw = raw.WithSecret(raw.Secret() || secret)
	switch {
	case raw.IsComputed():
		return Value{path: path, state: Unknown, raw: raw}
	case raw.IsNull():
		return Value{path: path, state: Missing, raw: raw}
	default:
		return Value{path: path, state: Known, raw: raw}
	}
}

func join(path, key string) string {
	if path == "" {
		return key
	}
	return path + "." + key
}

// OfTexts returns an object of strings.
func OfTexts(m map[string]string) Value {
	values := make(map[string]property.Value, len(m))
	for key, text := range m {
		values[key] = property.New(text)
	}
	return Of(property.NewMap(values))
}
