package rule

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"

	"store-events/policy/aws"
)

func TestRefers(t *testing.T) {
	text, computed := property.New[string], property.New(property.Computed)
	bucket := func(id property.Value) Resource {
		return Resource{URN: "urn:bucket", Type: "bucket", Outputs: property.NewMap(map[string]property.Value{"id": id})}
	}
	from := func(v property.Value, sources ...string) Resource {
		return Resource{URN: "urn:block", Inputs: property.NewMap(map[string]property.Value{"bucket": v}), PropertyDependencies: map[string][]string{"bucket": sources}}
	}
	for name, test := range map[string]struct {
		from, to Resource
		want     Answer
	}{
		"by value":                   {from(text("b-1")), bucket(text("b-1")), Yes},
		"another value":              {from(text("b-2")), bucket(text("b-1")), No},
		"unknown, from it":           {from(computed, "urn:bucket"), bucket(computed), Yes},
		"unknown, from another":      {from(computed, "urn:other"), bucket(computed), No},
		"unknown, from nowhere":      {from(computed), bucket(computed), Maybe},
		"nothing given":              {from(property.New(property.Null)), bucket(text("")), No},
		"known before the target is": {from(text("b-1")), bucket(computed), No},
	} {
		require.Equal(t, test.want, Refers(test.from, test.from.Get("bucket"), test.to), name)
	}
}

// A key of the stack may be referenced by its alias, which is known once it exists.
func TestKeyByAlias(t *testing.T) {
	text, computed := property.New[string], property.New(property.Computed)
	properties := func(key string, v property.Value) property.Map {
		return property.NewMap(map[string]property.Value{key: v})
	}
	key := Resource{URN: "urn:key", Type: aws.Key, Outputs: properties("keyId", text("k-1"))}
	alias := func(target string) Resource {
		return Resource{URN: "urn:alias", Type: aws.KeyAlias, Inputs: properties("targetKeyId", text(target)), Outputs: properties("name", text("alias/store"))}
	}
	for name, test := range map[string]struct {
		alias Resource
		named property.Value
		want  Answer
	}{
		"by name":        {alias("k-1"), text("alias/store"), Yes},
		"not known yet":  {alias("k-1"), computed, Yes},
		"of another key": {alias("k-2"), text("alias/store"), No},
		"another alias":  {alias("k-1"), text("alias/other"), No},
	} {
		from := Resource{URN: "urn:topic", Inputs: properties("key", test.named), PropertyDependencies: map[string][]string{"key": {"urn:alias"}}}
		s := Stack{Resources: []Resource{key, test.alias, from}}
		require.Equal(t, test.want, s.RefersToAny(from, from.Get("key"), aws.Key), name)
		found, _ := s.Referred(from, from.Get("key"), aws.Key)
		require.Equal(t, test.want == Yes, len(found) == 1, name)
	}
}
