package value

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/asset"
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
	require.Equal(t, Unknown, root.Get("unknown", "below").State(), "parts of an unknown are unknown")
	require.Equal(t, Malformed, root.Get("number", "below").State(), "a number has no parts")
	require.Equal(t, "list[1]", root.Get("list").Elements()[1].Path())
	require.Equal(t, "list", root.Get("list").Elements()[1].Root())
	require.Equal(t, Unknown, root.Get("list").Elements()[1].State())
	require.Equal(t, Malformed, root.Get("text").Elements()[0].State())
	require.True(t, root.Get("secret", "inner").Secret(), "a part of a secret is one")
}

func TestReading(t *testing.T) {
	on, err := root.Get("text").Bool()
	require.NoError(t, err)
	require.True(t, on, "as providers accept it")
	_, err = root.Get("number").Bool()
	require.EqualError(t, err, "number is a number, expected a boolean")
	_, err = root.Get("unknown").Number()
	require.True(t, IsUnknown(err))
	missing, err := root.Get("absent").Text()
	require.NoError(t, err)
	require.Empty(t, missing)
	_, err = root.Get("secret").Text()
	require.NotContains(t, err.Error(), "x,", "errors do not contain the value")
}

func TestPaths(t *testing.T) {
	v := Of(property.NewMap(props{"a": property.New(props{"b": property.New([]property.Value{property.New("c")})})}))
	require.Equal(t, "a.b[0]", v.Get("a", "b").Elements()[0].Path())
	require.Equal(t, "a", v.Get("a", "b").Elements()[0].Root())
	require.Equal(t, "a", v.Get("a").Root())
	require.Empty(t, v.Root())
	list := Of(property.NewMap(props{"": property.New("x")}))
	require.Empty(t, list.Get("").Root())
	dotted := Of(property.NewMap(props{".x": property.New("y")}))
	require.Empty(t, dotted.Get(".x").Root())
	require.Equal(t, "null", root.Get("null").Path())
	require.True(t, root.Get("unknown").Raw().IsComputed())
	require.Equal(t, "unknown.below", root.Get("unknown", "below").Path())
	require.EqualError(t, root.Get("number", "below").Err(), "number is a number, expected an object")
	require.EqualError(t, root.Get("number", "below", "further").Err(), "number.further is a number, expected an object")
}

// Lists and objects of another type have one part, which cannot be read.
func TestParts(t *testing.T) {
	require.Empty(t, root.Get("absent").Elements())
	require.Empty(t, root.Get("absent").Fields())
	require.Len(t, root.Get("list").Elements(), 2)
	for _, part := range []Value{root.Get("text").Elements()[0], root.Get("text").Fields()[0].Value} {
		require.Equal(t, "text", part.Path())
		require.Equal(t, "true", part.Raw().AsString())
	}
	require.EqualError(t, root.Get("text").Elements()[0].Err(), "text is a string, expected a list")
	require.EqualError(t, root.Get("text").Fields()[0].Value.Err(), "text is a string, expected an object")
	for _, part := range []Value{root.Get("unknown").Elements()[0], root.Get("unknown").Fields()[0].Value} {
		require.Equal(t, Unknown, part.State())
	}
	fields := root.Get("secret").Fields()
	require.Len(t, fields, 1)
	require.Equal(t, "inner", fields[0].Key)
	require.Equal(t, "secret.inner", fields[0].Value.Path())
	require.True(t, fields[0].Value.Secret())
	secrets := Of(property.NewMap(props{"l": property.New([]property.Value{property.New("x")}).WithSecret(true)}))
	require.True(t, secrets.Get("l").Elements()[0].Secret())
	require.False(t, root.Get("text").Secret())
}

func TestNumbersAndTexts(t *testing.T) {
	v := Of(property.NewMap(props{
		"big": property.New(1e21), "half": property.New(0.1), "float32": property.New(16777217.0), "digits": property.New("0.1234567890123"),
		"off": property.New("0"), "word": property.New("maybe"), "false": property.New(false), "list": property.New([]property.Value{}),
	}))
	for key, want := range map[string]string{"big": "1000000000000000000000", "half": "0.1", "float32": "16777217", "false": "false", "absent": ""} {
		text, err := v.Get(key).Text()
		require.NoError(t, err)
		require.Equal(t, want, text)
	}
	for key, want := range map[string]float64{"half": 0.1, "digits": 0.1234567890123, "off": 0, "absent": 0} {
		n, err := v.Get(key).Number()
		require.NoError(t, err)
		require.InDelta(t, want, n, 0)
	}
	for key, want := range map[string]string{"word": "word is a string, expected a number", "false": "false is a boolean, expected a number"} {
		n, err := v.Get(key).Number()
		require.EqualError(t, err, want)
		require.Zero(t, n)
	}
	file := Of(property.NewMap(props{"file": property.New(&asset.Asset{Sig: asset.AssetSig, Path: "x"})}))
	_, err := file.Get("file").Text()
	require.EqualError(t, err, "file is an asset, expected a string")
	text, err := v.Get("list").Text()
	require.EqualError(t, err, "list is a list, expected a string")
	require.Empty(t, text)
	for key, want := range map[string]bool{"off": false, "false": false, "absent": false} {
		on, err := v.Get(key).Bool()
		require.NoError(t, err)
		require.Equal(t, want, on)
	}
	on, err := v.Get("word").Bool()
	require.EqualError(t, err, "word is a string, expected a boolean")
	require.False(t, on)
	for _, read := range []func(Value) error{
		func(v Value) error { _, err := v.Bool(); return err }, func(v Value) error { _, err := v.Text(); return err },
		func(v Value) error { _, err := v.Number(); return err },
	} {
		require.EqualError(t, read(root.Get("unknown")), "unknown is not known yet")
	}
	on, _ = root.Get("unknown").Bool()
	require.False(t, on)
	text, err = OfTexts(map[string]string{"a": "b"}).Get("a").Text()
	require.NoError(t, err)
	require.Equal(t, "b", text)
}
