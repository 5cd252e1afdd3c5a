package schema

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestContractIsComplete(t *testing.T) {
	c := Load()
	require.Equal(t, "request_id", c.Key)
	require.Equal(t, c.Key, c.Fields[0].Name, "the key is the first field")
	seen := map[string]bool{}
	for _, f := range c.Fields {
		require.NotEmpty(t, f.Description, f.Name)
		require.False(t, seen[f.Name], "field %s twice", f.Name)
		seen[f.Name] = true
		require.NotEmpty(t, f.GlueType())
		require.NotPanics(t, func() { f.Params() }, f.Name)
	}
	for _, s := range c.Streams {
		got, ok := c.Stream(s.EventType)
		require.True(t, ok)
		require.Equal(t, s, got)
	}
	_, ok := c.Stream("refund_event")
	require.False(t, ok)
}

// A member that is never read would be misleading.
func TestContractHasNoOtherMembers(t *testing.T) {
	decoder := json.NewDecoder(bytes.NewReader(JSON()))
	decoder.DisallowUnknownFields()
	require.NoError(t, decoder.Decode(&Contract{}))
}

func TestContractFitsTableAndCatalog(t *testing.T) { require.NoError(t, Load().validateFields()) }

func TestTypes(t *testing.T) {
	for _, tc := range []struct {
		typ, kind, glue string
		params          []int
	}{
		{"string(36)", "string", "string", []int{36}},
		{"decimal(12,2)", "decimal", "decimal(12,2)", []int{12, 2}},
		{"timestamp", "timestamp", "timestamp", nil},
		{"bigint", "bigint", "bigint", nil},
		{"boolean", "boolean", "boolean", nil},
	} {
		f := Field{Name: "f", Type: tc.typ}
		require.Equal(t, tc.kind, f.Kind())
		require.Equal(t, tc.glue, f.GlueType())
		require.Equal(t, tc.params, f.Params())
	}
}

func TestContractDays(t *testing.T) {
	require.Equal(t, DayRange{First: "2010-01-01", Ahead: 31}, Load().Days)
}
