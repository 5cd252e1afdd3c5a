package policy

import (
	"maps"
	"strings"
)

// Context maps the condition keys of a request to their values. Keys are in
// lower case, because IAM ignores their case. A key without values counts as missing.
type Context map[string][]string

// Set replaces the values of a key.
func (c Context) Set(key string, values ...string) { c[strings.ToLower(key)] = values }

// Add adds one value to a key.
func (c Context) Add(key, value string) {
	key = strings.ToLower(key)
	c[key] = append(c[key], value)
}

func (c Context) get(key string) []string { return c[strings.ToLower(key)] }

// with returns the entries of both contexts. Those of other take precedence.
func (c Context) with(other Context) Context {
	all := maps.Clone(c)
	for key, values := range other {
		all[strings.ToLower(key)] = values
	}
	return all
}
