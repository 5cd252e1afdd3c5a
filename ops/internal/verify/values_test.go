package verify

import (
	"hash/maphash"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/ops/internal/query"
	"store-events/schema"
)

// Each case is a row of the table and a row of the Parquet with the same values, as
// MySQL and Athena print them. Then one value is changed.
func TestEveryColumnIsComparedByteForByte(t *testing.T) {
	fields := append(slices.Clone(schema.Load().Fields[1:]), schema.Extra)
	mysql := map[string]string{"sales": "12.50", "ts": "2026-05-01 10:20:30.000", "gift_wrap": "1", "qty": "3", "category": "=NULL", "extra": `={"a": 1e400}`}
	athena := map[string]string{"sales": "12.5", "ts": "2026-05-01T10:20:30", "gift_wrap": "true", "qty": "3", "category": "NULL", "extra": `{"a": 1e400}`}
	for name, tc := range map[string]struct {
		column string
		other  query.Cell // Replacements in the row of the Parquet.
		differ bool
	}{
		"equal":                         {},
		"decimal":                       {"sales", query.Cell{Text: "12.51"}, true},
		"decimal, null":                 {"sales", query.Cell{Null: true}, true},
		"timestamp":                     {"ts", query.Cell{Text: "2026-05-01 10:20:30.001"}, true},
		"boolean":                       {"gift_wrap", query.Cell{Text: "false"}, true},
		"int":                           {"qty", query.Cell{Text: "4"}, true},
		"bigint, null in the table":     {"sku", query.Cell{Text: "0"}, true},
		"text NULL and null":            {"category", query.Cell{Null: true}, true},
		"empty text and null":           {"store_id", query.Cell{}, true},
		"extra, another value":          {"extra", query.Cell{Text: `{"a": 1e401}`}, true},
		"extra, the same number":        {"extra", query.Cell{Text: `{"a": 10e399}`}, true},
		"extra, only the space":         {"extra", query.Cell{Text: `{"a":1e400}`}, true},
		"extra, a space at the end":     {"extra", query.Cell{Text: `{"a": 1e400} `}, true},
		"extra, null":                   {"extra", query.Cell{Null: true}, true},
		"decimal, written another way":  {"sales", query.Cell{Text: "12.500"}, false},
		"boolean, written another way":  {"gift_wrap", query.Cell{Text: "TRUE"}, false},
		"timestamp, without its zeroes": {"ts", query.Cell{Text: "2026-05-01 10:20:30"}, false},
	} {
		t.Run(name, func(t *testing.T) {
			row, parquet := []query.Cell{{Text: "a"}, {Text: "7"}, {Text: "2026-05-01"}}, []query.Cell{{Text: "a"}}
			for _, f := range fields {
				inTable, inParquet := query.Cell{Null: mysql[f.Name] == "", Text: mysql[f.Name]}, query.Cell{Null: athena[f.Name] == "", Text: athena[f.Name]}
				if f.Name == tc.column {
					inParquet = tc.other
				}
				row, parquet = append(row, inTable), append(parquet, inParquet)
			}
			x, seed := NewIndex(), maphash.MakeSeed()
			var both [2][]query.Cell
			table := Table{Fields: fields}
			require.NoError(t, table.Visit(func(r Row) {
				both[0] = r.Values
				x.AddRow(r.Key, r.Batch, r.Hash(seed))
			}).Row(row))
			table.Parquet = true
			require.NoError(t, table.Visit(func(r Row) {
				both[1] = r.Values
				x.AddParquet(r.Key, r.Hash(seed))
			}).Row(parquet))
			require.Equal(t, tc.differ, x.Compare().DifferentParquet.Total == 1)
			detail := Differing(fields, both[0], both[1])
			require.Equal(t, tc.differ, strings.HasPrefix(detail, tc.column+" is ") && detail != "", detail)
		})
	}
}

// The client on the consumer prints the key NULL like null; Athena does not.
func TestKeyNull(t *testing.T) {
	visited := []string{}
	visit := func(r Row) { visited = append(visited, r.Key) }
	require.NoError(t, Table{}.Visit(visit).Row([]query.Cell{{Null: true}, {Text: "7"}, {Text: "2026-05-01"}}))
	require.NoError(t, Table{Parquet: true}.Visit(visit).Row([]query.Cell{{Text: "NULL"}}))
	require.NoError(t, Table{Parquet: true}.Visit(visit).Row([]query.Cell{{Null: true}}))
	require.Equal(t, []string{"NULL", "NULL", ""}, visited)
}
