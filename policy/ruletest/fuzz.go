package ruletest

import (
	"slices"
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"store-events/policy/rule"
)

// marker is part of every random string, so that leaked values are detected.
const marker = "zq-must-not-be-printed"

// anyShape runs the rule on random resources of its types, with keys and strings from its examples, and requires that
// it never panics and never prints a value.
func (r runner) anyShape(t *testing.T) {
	words := r.words()
	types := r.rule.Types
	if len(types) == 0 {
		types = []string{r.c.Compliant[0].Type}
	}
	rapid.Check(t, func(t *rapid.T) {
		var s rule.Stack
		s.Settings = rule.DefaultSettings(rule.Prod)
		var urns []string
		for i := range rapid.IntRange(1, 4).Draw(t, "resources") {
			resourceType := types[i%len(types)]
			urn := "urn:pulumi:test::test::" + resourceType + "::" + string(rune('a'+i))
			urns = append(urns, urn)
			key := rapid.SampledFrom(words).Draw(t, "dependent property")
			s.Resources = append(s.Resources, rule.Resource{
				URN: urn, Type: resourceType, Name: "r", Settings: s.Settings,
				Inputs: object(t, words, 3), Outputs: object(t, words, 1),
				PropertyDependencies: map[string][]string{key: {rapid.SampledFrom(urns).Draw(t, "dependency")}},
			})
		}
		for _, f := range r.checkStack(s) {
			require.NotContains(t, f.Message, "panicked")
			require.NotContains(t, f.Message+f.Property, marker, "messages do not contain values")
		}
	})
}

// words returns the keys and strings of the examples.
func (r runner) words() []string {
	words := []string{"", "name", "*"}
	var collect func(v any)
	collect = func(v any) {
		switch v := v.(type) {
		case Props:
			for key, e := range v {
				words = append(words, key)
				collect(e)
			}
		case List:
			for _, e := range v {
				collect(e)
			}
		case string:
			words = append(words, v)
		}
	}
	for _, res := range append(slices.Clone(r.c.Compliant), r.c.Violating...) {
		collect(res.Props)
	}
	slices.Sort(words)
	return slices.Compact(words)
}

func object(t *rapid.T, words []string, depth int) property.Map {
	m := map[string]property.Value{}
	for range rapid.IntRange(0, 6).Draw(t, "size") {
		m[rapid.SampledFrom(words).Draw(t, "key")] = anything(t, words, depth)
	}
	return property.NewMap(m)
}

func anything(t *rapid.T, words []string, depth int) property.Value {
	kinds := 6
	if depth > 0 {
		kinds = 8
	}
	var v property.Value
	switch rapid.IntRange(0, kinds-1).Draw(t, "kind") {
	case 0:
		v = property.New(rapid.Bool().Draw(t, "bool"))
	case 1:
		v = property.New(rapid.Float64().Draw(t, "number"))
	case 2:
		v = property.New(rapid.SampledFrom(words).Draw(t, "word"))
	case 3:
		v = property.New(marker + rapid.String().Draw(t, "text"))
	case 4:
		v = property.New(property.Computed)
	case 5:
		v = property.New(property.Null)
	case 6:
		v = property.New(object(t, words, depth-1))
	default:
		list := make([]property.Value, rapid.IntRange(0, 3).Draw(t, "length"))
		for i := range list {
			list[i] = anything(t, words, depth-1)
		}
		v = property.New(list)
	}
	return v.WithSecret(rapid.Bool().Draw(t, "secret"))
}
