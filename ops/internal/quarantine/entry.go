// Package quarantine reads the invalid lines that the job stores below quarantine/.
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

// Entry is an invalid line, or several equal ones, as the job stores it.
type Entry struct {
	Reason  string `json:"reason"`
	Object  string `json:"source_object"` // s3://bucket/key
	Version string `json:"version"`       // ETag of the object that it was read from.
	// VersionID is the object's version ID, if its bucket has versioning.
	VersionID string `json:"version_id,omitempty"`
	Number    int    `json:"line_number"`
	Line      string `json:"line"`
	// Base64 is the line if it is not valid UTF-8.
	Base64 []byte `json:"line_base64,omitempty"`
	// Bytes is the size of the whole line if the entry contains only a part of it.
	Bytes int `json:"bytes,omitempty"`
	// Part counts the entries of one long line, from 1.
	Part int `json:"part,omitempty"`
	// Lines is how many lines the entry represents, and Last the number of the last
	// one: equal lines or, with the reason not_kept, lines without a copy in the
	// quarantine, which Reasons counts.
	Lines   int            `json:"lines,omitempty"`
	Last    int            `json:"last_line_number,omitempty"`
	Reasons map[string]int `json:"reasons,omitempty"`
	RunID   string         `json:"run_id"`

	// Explanation describes the value of an invalid field and its required type.
	Explanation string `json:"explanation,omitempty"`
	// InTable reports whether the table has an event with the line's key, for example
	// after a corrected line was loaded.
	InTable bool `json:"in_table,omitempty"`
}

// ReasonNotKept is the reason of entries for lines that are only counted, because
// their object has too many.
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

// Continues reports whether the entry continues the line of the previous entry.
func (e Entry) Continues() bool { return e.Part > 1 }

// Counts returns how many lines the entry represents, by reason. The filter selects
// one reason, or all reasons with that prefix if it ends with a colon; "" selects all.
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

// Has reports whether the entry represents a line.
func (e Entry) Has(line int) bool { return e.Number <= line && line <= max(e.Number, e.Last) }

// Members returns the members of the line's JSON object, nil if it is not one.
func (e Entry) Members() map[string]json.RawMessage {
	var members map[string]json.RawMessage
	if e.Continues() || e.Reason == ReasonNotKept || json.Unmarshal(e.Raw(), &members) != nil {
		return nil
	}
	return members
}

// EventKey returns the value of the member that is the key of an event, "" if it is
// missing or unreadable.
func (e Entry) EventKey(member string) string {
	var key string
	if json.Unmarshal(e.Members()[member], &key) != nil {
		return ""
	}
	return key
}

// ForVerify converts the entry for the comparison in package verify.
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
