package ruletest

import (
	"strconv"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
)

// alter returns the example with a property of one resource replaced by the result of change, or removed if
// change returns nil.
func alter(example []Res, on, path string, change func(any) any) []Res {
	altered := make([]Res, len(example))
	copy(altered, example)
	for i, r := range altered {
		if r.Name == on {
			altered[i].Props = alterAt(r.Props, segments(path), change).(Props)
		}
	}
	return altered
}

// segments splits a path such as rules[0].status; a key in brackets may contain dots and dashes.
func segments(path string) []string {
	return strings.FieldsFunc(path, func(c rune) bool { return c == '.' || c == '[' || c == ']' })
}

func alterAt(v any, path []string, change func(any) any) any {
	if len(path) == 0 {
		return change(v)
	}
	switch v := v.(type) {
	case Props:
		m := Props{}
		for key, e := range v {
			m[key] = e
		}
		changed := alterAt(m[path[0]], path[1:], change)
		if changed == nil {
			delete(m, path[0])
		} else {
			m[path[0]] = changed
		}
		return m
	case List:
		i, _ := strconv.Atoi(path[0])
		list := append(List{}, v...)
		list[i] = alterAt(list[i], path[1:], change)
		return list
	default: // Missing in the example: created here.
		return alterAt(Props{}, path, change)
	}
}

func unknown(any) any { return property.New(property.Computed) }

func missing(any) any { return nil }

// wrongType returns a value of an invalid type for the property.
func wrongType(v any) any {
	switch v.(type) {
	case Props, List:
		return 42
	default:
		return Props{"unexpected": List{true}}
	}
}

// secret wraps every property of every resource.
func secret(m property.Map) property.Map {
	for key, v := range m.All {
		m = m.Set(key, v.WithSecret(true))
	}
	return m
}
