package crawler

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
)

// The catalog's limits on a column, in UTF-16 characters.
// https://docs.aws.amazon.com/glue/latest/webapi/API_Column.html
const (
	maxColumnName = 255
	maxColumnType = 131072
)

// fitColumns returns the columns that the catalog accepts, given the partition keys. It omits columns whose name
// the catalog refuses or considers equal to another. A column whose type is too long becomes a string, which the
// JSON SerDe reads as text. How Glue's crawler handles this is not documented.
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

// warnOfUnfit warns about columns of a table that the catalog does not accept.
func (m merger) warnOfUnfit(table string, d dataset) {
	_, notes := fit(d.Columns, partitionKeys(d))
	for _, note := range notes {
		m.note(warn("Table %s: %s.", table, note))
	}
}

func tooLong(t hiveType) bool { return units(t.String()) > maxColumnType }

func units(s string) int { return len(utf16.Encode([]rune(s))) }

// fold makes names equal that differ only by case, as Hive compares them.
func fold(name string) string { return strings.ToLower(strings.ToUpper(name)) }

// forbidden are the characters that the catalog allows in no name.
func forbidden(r rune) bool { return (r < ' ' && r != '\t') || r == '\uFFFE' || r == '\uFFFF' }

func shorten(name string) string {
	const most = 60
	if runes := []rune(name); len(runes) > most {
		return string(runes[:most]) + "…"
	}
	return name
}
