package verify

import (
	"maps"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// Keys that have the same bytes as UUIDs are different keys.
func TestKeysAreKeptExactly(t *testing.T) {
	const uuid = "0f8fad5b-d9cb-469f-a165-70867728950e"
	x := NewIndex()
	want := map[string]sighting{}
	for _, key := range []string{
		uuid, strings.ToUpper(uuid), "0f8fad5bd-9cb-469f-a165-70867728950e", "0f8fad5bd9cb469fa16570867728950e", uuid[:35] + "g",
		uuid[:35], "----0f8fad5bd9cb469fa16570867728950e", "a", "00000000-0000-0000-0000-000000000000",
	} {
		x.AddRow(key, 1, 7)
		want[key] = sighting{rows: 1, hashes: 7}
	}
	require.Equal(t, want, maps.Collect(x.keys.all()))
	require.Len(t, x.keys.uuids, 2)
}

// An event can have more rows than the counter can hold.
func TestRowCountDoesNotOverflow(t *testing.T) {
	x := NewIndex()
	for range 1<<16 + 1 {
		x.AddRow("a", 1, 7)
		x.AddParquet("a", 7)
	}
	r := x.Compare()
	require.Equal(t, 1, r.SurplusRows.Total)
	require.Equal(t, 1<<16-2, r.RepeatedRows.Total)
	require.Zero(t, r.DifferentParquet.Total)
}
