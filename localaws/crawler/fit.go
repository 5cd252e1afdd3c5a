package crawler

import (
	"fmt"
	"slices"
	"strings"
	"unicode/utf16"
)

// The catalog's limits on a column, in UTF-16 code units:
// https://docs.aws.amazon.com/glue/latest/webapi/API_Column.html
const (
	maxColumnName = 255
	maxColumnType = 131072
)

// fitColumns returns the columns that the catalog accepts beside the partition keys. It omits columns with an invalid
// or duplicate name. A column whose type is too long becomes a string, which the JSON SerDe reads as text. Glue's
// behavior in these cases is not documented.
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
			notes = append(notes, fmt.Sprintf("column %q is omitted: its name must have 1 to %d characters and no control characters", shorten(c.Name), maxColumnName))
			continue
		case slices.ContainsFunc(keys, func(k string) bool { return fold(k) == fold(c.Name) }):
			notes = append(notes, fmt.Sprintf("column %q is omitted: a partition key has the same name", shorten(c.Name)))
			continue
		case seen[fold(c.Name)]:
			notes = append(notes, fmt.Sprintf("column %q is omitted: another column's name differs only in case", shorten(c.Name)))
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

// warnOfUnfit logs the columns of a table that fitColumns omits or changes.
func (m merger) warnOfUnfit(table string, d dataset) {
	_, notes := fit(d.Columns, partitionKeys(d))
	for _, note := range notes {
		m.note(warn("Table %s: %s.", table, note))
	}
}

func tooLong(t hiveType) bool { return units(t.String()) > maxColumnType }

func units(s string) int { return len(utf16.Encode([]rune(s))) }

// fold returns a case-folded name, because Hive compares names case-insensitively.
func fold(name string) string { return strings.ToLower(strings.ToUpper(name)) }

// forbidden reports whether the catalog does not allow a character in names.
func forbidden(r rune) bool { return (r < ' ' && r != '\t') || r == '\uFFFE' || r == '\uFFFF' }

func shorten(name string) string {
	const limit = 60
	if runes := []rune(name); len(runes) > limit {
		return string(runes[:limit]) + "…"
	}
	return name
}
