package crawler

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
)

// What the catalog takes of a column, in characters of UTF-16.
// https://docs.aws.amazon.com/glue/latest/webapi/API_Column.html
const (
	maxColumnName = 255
	maxColumnType = 131072
)

// fitColumns are the columns that the catalog takes beside partition keys. A
// column whose name it refuses, or takes for that of another, is left out. One
// whose type is too long becomes a string, which the JSON SerDe reads as text.
// How Glue's own crawler gets by is not documented.
func fitColumns(columns []column, keys []string) []column {
	out, _ := fit(columns, keys)
	return out
}

func fit(columns []column, keys []string) (out []column, notes []string) {
	seen := map[string]bool{}
	for _, k := range keys {
		seen[fold(k)] = true
	}
	out = make([]column, 0, len(columns))
	for _, c := range columns {
		switch {
		case c.Name == "" || units(c.Name) > maxColumnName || strings.ContainsFunc(c.Name, forbidden):
			notes = append(notes, fmt.Sprintf("column %q is left out: a name has 1 to %d characters, and no control characters", shorten(c.Name), maxColumnName))
			continue
		case slices.ContainsFunc(keys, func(k string) bool { return fold(k) == fold(c.Name) }):
			notes = append(notes, fmt.Sprintf("column %q is left out: a partition key has the name", shorten(c.Name)))
			continue
		case seen[fold(c.Name)]:
			notes = append(notes, fmt.Sprintf("column %q is left out: another differs from it only by case", shorten(c.Name)))
			continue
		}
		seen[fold(c.Name)] = true
		if tooLong(c.Type) {
			notes = append(notes, fmt.Sprintf("column %q is a string: its type is longer than %d characters", shorten(c.Name), maxColumnType))
			c.Type = primitive("string")
		}
		out = append(out, c)
	}
	return out, notes
}

// warnOfUnfit tells of the columns of a table that the catalog does not take.
func (m merger) warnOfUnfit(table string, d dataset) {
	_, notes := fit(d.Columns, partitionKeys(d))
	for _, note := range notes {
		m.note(warn("Table %s: %s.", table, note))
	}
}

func tooLong(t hiveType) bool { return units(t.String()) > maxColumnType }

func units(s string) int { return len(utf16.Encode([]rune(s))) }

// fold makes names equal that differ by case only, as Hive compares them.
func fold(name string) string { return strings.ToLower(strings.ToUpper(name)) }

// forbidden are the characters that no name in the catalog has.
func forbidden(r rune) bool { return (r < ' ' && r != '\t') || r == '\uFFFE' || r == '\uFFFF' }

func shorten(name string) string {
	const most = 60
	if runes := []rune(name); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return name
}
