package value

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/stretchr/testify/require"
)

type props = map[string]property.Value

var root = Of(property.NewMap(props{
	"on": property.New(true), "text": property.New("true"), "number": property.New(3.0), "null": property.New(property.Null),
	"unknown": property.New(property.Computed),
	"list":    property.New([]property.Value{property.New("a"), property.New(property.Computed)}),
	"secret":  property.New(props{"inner": property.New("x")}).WithSecret(true),
}))

func TestStates(t *testing.T) {
	for path, want := range map[string]State{
		"on": Known, "null": Missing, "absent": Missing, "unknown": Unknown,
	} {
		require.Equal(t, want, root.Get(path).State(), path)
	}
	require.Equal(t, Missing, root.Get("absent", "below").State())
	require.Equal(t, Unknown, root.Get("unknown", "below").State(), "below an unknown all is unknown")
	require.Equal(t, Malformed, root.Get("number", "below").State(), "a number has nothing below")
	require.Equal(t, "list[1]", root.Get("list").Elements()[1].Path())
	require.Equal(t, "list", root.Get("list").Elements()[1].Root())
	require.Equal(t, Unknown, root.Get("list").Elements()[1].State())
	require.Equal(t, Malformed, root.Get("text").Elements()[0].State())
	require.True(t, root.Get("secret", "inner").Secret(), "a part of a secret is one")
}

func TestReading(t *testing.T) {
	on, err := root.Get("text").Bool()
	require.NoError(t, err)
	require.True(t, on, "as providers take it")
	_, err = root.Get("number").Bool()
	require.EqualError(t, err, "number is a number, expected a boolean")
	_, err = root.Get("unknown").Number()
	require.True(t, IsUnknown(err))
	missing, err := root.Get("absent").Text()
	require.NoError(t, err)
	require.Empty(t, missing)
	_, err = root.Get("secret").Text()
	require.NotContains(t, err.Error(), "x,", "an error never holds the value")
}
