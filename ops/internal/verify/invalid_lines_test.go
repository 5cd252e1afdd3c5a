package verify

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/ops/internal/eventfile"
	"store-events/schema"
)

// With as many entries as lines, entries are found by their place.
func TestManyInvalidLinesAreFoundByTheirPlace(t *testing.T) {
	const count = 200_000
	object, x, contract := Object{Key: "object", Version: "v"}, NewIndex(), schema.Load()
	var entries []Entry
	for n := range count {
		text := fmt.Appendf(nil, "bad %d", n%2*n) // Every other line is the same.
		value := eventfile.Value{Number: 2*n + 1, Text: text, Size: len(text)}
		object.Add(contract, value)
		entries = append(entries, Entry{Value: value})
	}
	cut := eventfile.Value{Number: 2*count + 1, Text: []byte("the end"), Reason: eventfile.ReasonCutShort}
	object.Add(contract, cut)
	x.AddObject(object)
	cut.Number -= 7 // Decompressors differ.
	entries = append(entries, Entry{Value: cut})
	entries[10].Text = []byte("another line")                                        // Instead of line 21.
	entries[21].Number = 44                                                          // Instead of line 43, which is valid.
	entries[30] = Entry{Value: entries[30].Value, Last: 71, NotKept: true, Lines: 6} // Lines 61 to 71,
	entries = append(entries[:31], entries[36:]...)                                  // instead of the lines' entries.
	for _, e := range entries {
		x.AddEntry("object", "v", e)
	}
	result := x.Compare()
	at := func(key string, line int) Finding { return Finding{Key: key, Object: "object", Line: line} }
	require.Equal(t, Findings{Total: 2, First: []Finding{at("bad 0", 21), at("bad 21", 43)}}, result.MissingQuarantine)
	require.Equal(t, Findings{Total: 2, First: []Finding{at("another line", 21), at("bad 21", 44)}}, result.SurplusQuarantine)
}

// An entry is compared only with the lines at its place: comparing all entries with all lines
// would take minutes.
func TestEntriesAreComparedWithLinesAtTheirPlace(t *testing.T) {
	b := invalidLines{}
	for n := range 20 {
		b.lines = append(b.lines, invalidRun{first: 10*n + 1, last: 10*n + 3}) // 1 to 3, 11 to 13, and so on.
	}
	b.lines = append(b.lines, invalidRun{first: 300, last: 300, cut: true})
	for name, tc := range map[string]struct {
		entry       invalidRun
		first, runs int // The first line of the nearby runs, and the number of runs.
	}{
		"one line":         {invalidRun{first: 112, last: 112}, 111, 1},
		"several runs":     {invalidRun{first: 113, last: 131}, 111, 3},
		"between two runs": {invalidRun{first: 104, last: 110}, 0, 0},
		"behind them":      {invalidRun{first: 250, last: 250}, 0, 0},
		"cut off":          {invalidRun{first: 112, last: 112, cut: true}, 300, 1},
	} {
		near := b.candidates(tc.entry)
		require.Len(t, near, tc.runs, name)
		if tc.runs > 0 {
			require.Equal(t, tc.first, near[0].first, name)
		}
	}
}
