package rule

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"
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
