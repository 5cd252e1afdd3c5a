package policy

import (
	"maps"
	"strings"
)

// Context are the condition keys of a request with their values. Keys are in
// lower case, because IAM ignores their case; a key without values is absent.
type Context map[string][]string

// Set gives a key its values, in place of those that it had.
func (c Context) Set(key string, values ...string) { c[strings.ToLower(key)] = values }

// Add gives a key one more value.
func (c Context) Add(key, value string) {
	key = strings.ToLower(key)
	c[key] = append(c[key], value)
}

func (c Context) get(key string) []string { return c[strings.ToLower(key)] }

// with is the context with the other one's keys, which win.
func (c Context) with(other Context) Context {
	all := maps.Clone(c)
	for key, values := range other {
		all[strings.ToLower(key)] = values
	}
	return all
}
