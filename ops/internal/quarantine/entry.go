// Package quarantine reads the invalid lines that the job keeps below quarantine/.
package quarantine

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"store-events/ops/internal/eventfile"
	"store-events/ops/internal/verify"
)

// Entry is an invalid line as the job keeps it, or several equal ones.
type Entry struct {
	Reason  string `json:"reason"`
	Object  string `json:"source_object"` // s3://bucket/key
	Version string `json:"version"`       // ETag of the object that it was read from.
	// VersionID of the object, where its bucket keeps versions.
	VersionID string `json:"version_id,omitempty"`
	Number    int    `json:"line_number"`
	Line      string `json:"line"`
	// Base64 is the line where its bytes are not text.
	Base64 []byte `json:"line_base64,omitempty"`
	// Bytes is the size of the whole line if this is only its beginning or a part.
	Bytes int `json:"bytes,omitempty"`
	// Part counts the entries of one long line, from 1.
	Part int `json:"part,omitempty"`
	// Lines is how many lines the entry stands for and Last the number of the last
	// one: equal lines, or, with the reason not_kept, lines that only their object
	// has. Reasons counts those.
	Lines   int            `json:"lines,omitempty"`
	Last    int            `json:"last_line_number,omitempty"`
	Reasons map[string]int `json:"reasons,omitempty"`
	RunID   string         `json:"run_id"`

	// Explanation says what a bad field has and which type it should have.
	Explanation string `json:"explanation,omitempty"`
	// InTable is set if the table has an event with the line's key, as it has after
	// a corrected line was loaded.
	InTable bool `json:"in_table,omitempty"`
}

// ReasonNotKept is the reason of entries for lines of which nothing is kept,
// because their object has too many.
const ReasonNotKept = "not_kept"

func parseEntry(text []byte) (Entry, error) {
	var e Entry
	if err := json.Unmarshal(text, &e); err != nil {
		return e, fmt.Errorf("an entry is not JSON: %w", err)
	}
	if e.Number == 0 || e.Reason == "" {
		return e, errors.New("an entry has no line number or no reason")
	}
	return e, nil
}

// Raw returns the bytes of the line, or of its part.
func (e Entry) Raw() []byte {
	if e.Base64 != nil {
		return e.Base64
	}
	return []byte(e.Line)
}

// Continues reports whether the entry is a further part of the line of the entry
// before it.
func (e Entry) Continues() bool { return e.Part > 1 }

// Counts returns how many lines the entry stands for, by reason. Filter chooses
// one reason, or all that begin with it if it ends with a colon; "" chooses all.
func (e Entry) Counts(filter string) map[string]int {
	counts := map[string]int{}
	switch {
	case e.Continues():
	case e.Reasons != nil:
		maps.Copy(counts, e.Reasons)
	default:
		counts[e.Reason] = max(e.Lines, 1)
	}
	maps.DeleteFunc(counts, func(reason string, _ int) bool {
		return filter != "" && reason != filter && (!strings.HasSuffix(filter, ":") || !strings.HasPrefix(reason, filter))
	})
	return counts
}

// Has reports whether the entry stands for a line.
func (e Entry) Has(line int) bool { return e.Number <= line && line <= max(e.Number, e.Last) }

// Members returns the members of the line's JSON object, nil if it is not one.
func (e Entry) Members() map[string]json.RawMessage {
	var members map[string]json.RawMessage
	if e.Continues() || e.Reason == ReasonNotKept || json.Unmarshal(e.Raw(), &members) != nil {
		return nil
	}
	return members
}

// EventKey returns the value of the member that is the key of an event, "" if the
// line has none that can be read.
func (e Entry) EventKey(member string) string {
	var key string
	if json.Unmarshal(e.Members()[member], &key) != nil {
		return ""
	}
	return key
}

// ForVerify returns the entry as verify compares it.
func (e Entry) ForVerify() verify.Entry {
	return verify.Entry{
		Value: eventfile.Value{Number: e.Number, Text: e.Raw(), Reason: e.Reason, Size: e.Bytes},
		Last:  e.Last, Lines: e.Lines, NotKept: e.Reason == ReasonNotKept, Continues: e.Continues(),
	}
}

// Sort orders entries by version, line and part.
func Sort(entries []Entry) {
	slices.SortFunc(entries, func(a, b Entry) int {
		return cmp.Or(strings.Compare(a.Version, b.Version), cmp.Compare(a.Number, b.Number), cmp.Compare(a.Part, b.Part))
	})
}
