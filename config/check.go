package config

import (
	"fmt"
	"math"
	"regexp"
	"slices"
	"strings"
)

// Problem is a value that the configuration does not allow.
type Problem struct {
	Key     string // without namespace
	Value   string
	Allowed string
}

func (p Problem) Error() string {
	return fmt.Sprintf("%s:%s: %s is not allowed: use %s", Namespace, p.Key, p.Value, p.Allowed)
}

// check collects problems, so that all are reported at once.
type check struct {
	problems []error
	// unread has the values of the wrong type, by key. Their fields
	// have a value that every check of the field refuses.
	unread map[string]string
	// given has the values that differ from the default, by key. The engine also passes the
	// defaults of Pulumi.yaml, so values that a stack sets to the default are unknown.
	given map[string]string
}

func (k *check) refuse(key string, value any, allowed string) {
	if text, bad := k.unread[key]; bad {
		value = text
	}
	k.problems = append(k.problems, Problem{Key: key, Value: show(value), Allowed: allowed})
}

// exclude refuses each of the keys whose value differs from the default.
func (k *check) exclude(allowed string, keys ...string) {
	for _, key := range keys {
		if value, given := k.given[key]; given {
			k.refuse(key, value, allowed)
		}
	}
}

// read reports whether all of the settings could be parsed. Checks that compare
// settings call it first.
func (k *check) read(keys ...string) bool {
	return !slices.ContainsFunc(keys, func(key string) bool { _, bad := k.unread[key]; return bad })
}

func show(value any) string {
	if s, ok := value.(string); ok {
		return fmt.Sprintf("%q", s)
	}
	return fmt.Sprint(value)
}

func oneOf[T comparable](k *check, key string, value T, allowed ...T) {
	if slices.Contains(allowed, value) {
		return
	}
	words := make([]string, len(allowed))
	for i, a := range allowed {
		words[i] = fmt.Sprint(a)
	}
	k.refuse(key, value, "one of "+strings.Join(words, ", "))
}

func between[T int | float64](k *check, key string, value, low, high T) {
	if value < low || value > high || math.IsNaN(float64(value)) {
		k.refuse(key, value, fmt.Sprintf("%v to %v", low, high))
	}
}

func matches(k *check, key, value string, pattern *regexp.Regexp, allowed string) {
	if !pattern.MatchString(value) {
		k.refuse(key, value, allowed)
	}
}
