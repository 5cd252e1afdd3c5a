package rule

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"

	"store-events/policy/value"
)

func TestConfiguredResources(t *testing.T) {
	s := DefaultSettings(Prod).WithConfigured(map[string]string{"a:vpcId": "vpc-1", "a:subnetIds": `["subnet-1","subnet-2"]`, "a:empty": ""})
	for id, want := range map[string]bool{"vpc-1": true, "subnet-2": true, "subnet-3": false, "": false, `["subnet-1","subnet-2"]`: false} {
		require.Equal(t, want, s.Configured(id), id)
	}
	text := func(v string) value.Value { return in(property.New(v)) }
	list := func(v ...string) value.Value {
		var members []property.Value
		for _, m := range v {
			members = append(members, property.New(m))
		}
		return in(property.New(members))
	}
	require.True(t, s.AllConfigured(text("vpc-1")))
	require.True(t, s.AllConfigured(list("subnet-1", "subnet-2")))
	require.False(t, s.AllConfigured(list("subnet-1", "subnet-3")))
	require.False(t, s.AllConfigured(list()))
	require.False(t, s.AllConfigured(value.Of(property.NewMap(nil)).Get("p")))
}

func in(v property.Value) value.Value {
	return value.Of(property.NewMap(map[string]property.Value{"p": v})).Get("p")
}
