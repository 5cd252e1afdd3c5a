package schema

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// ColumnType returns the type of the field's column in MySQL's information_schema,
// without the display width of integers.
func (f Field) ColumnType() string {
	switch f.Kind() {
	case "string":
		return fmt.Sprintf("varchar(%d)", f.Params()[0])
	case "boolean":
		return "tinyint"
	case "timestamp":
		return "datetime(3)"
	default:
		return f.Type
	}
}

// Kinds of changes of a column's type.
const (
	// Wider means that all values stay unchanged. The next run of the job alters the
	// column.
	Wider = "wider"
	// Migration means that values are converted, and that some may not fit.
	Migration = "migration"
	// Refused means that values would change.
	Refused = "refused"
)

// ColumnChange is a column of the target table whose field has another type.
type ColumnChange struct {
	Field Field
	From  string // The column's type, in the format of ColumnType.
	Way   string // Wider, Migration or Refused.
}

func (c ColumnChange) String() string {
	return fmt.Sprintf("%s is %s, but the contract requires %s", c.Field.Name, c.From, c.Field.ColumnType())
}

// ColumnChanges returns the fields whose existing column has another type, in the
// order of the fields. columns maps names to types. The job's columns.py has the same
// rules; testdata/column_changes.jsonl tests both.
func (c Contract) ColumnChanges(columns map[string]string) []ColumnChange {
	var changes []ColumnChange
	for _, f := range c.Fields {
		from := withoutWidth(columns[f.Name])
		if from == "" || from == f.ColumnType() {
			continue
		}
		way := wayOf(from, f.ColumnType())
		if f.Name == c.Key {
			way = Refused
		}
		changes = append(changes, ColumnChange{f, from, way})
	}
	return changes
}

var displayWidth = regexp.MustCompile(`^(tinyint|int|bigint)\(\d+\)`)

// withoutWidth removes the display width that MariaDB and some releases of MySQL add
// to integer types.
func withoutWidth(column string) string { return displayWidth.ReplaceAllString(column, "$1") }

// wayOf returns the kind of a change between two column types.
func wayOf(from, to string) string {
	old, wanted := columnOf(from), columnOf(to)
	switch {
	case wanted.holds(old):
		return Wider
	case old.converts() && wanted.converts():
		return Migration
	default: // Booleans and times have several text forms.
		return Refused
	}
}

// column is a column's type: its kind, and the numbers in parentheses. For integers
// the size is the number of digits of the largest value.
type column struct {
	kind string
	size []int
}

func columnOf(name string) column {
	kind, rest, _ := strings.Cut(name, "(")
	c := column{kind: kind}
	for _, text := range strings.Split(strings.TrimSuffix(rest, ")"), ",") {
		if n, err := strconv.Atoi(text); err == nil {
			c.size = append(c.size, n)
		}
	}
	switch kind {
	case "int":
		c.size = []int{10, 0}
	case "bigint":
		c.size = []int{19, 0}
	}
	return c
}

func (c column) isNumber() bool { return slices.Contains([]string{"int", "bigint", "decimal"}, c.kind) }

func (c column) converts() bool { return c.isNumber() || c.kind == "varchar" }

// holds reports whether this type can represent each value of another type.
func (c column) holds(old column) bool {
	switch {
	case c.kind == "varchar" && old.kind == "varchar":
		return c.size[0] >= old.size[0]
	case c.kind == "bigint":
		return old.kind == "int"
	case c.kind == "decimal" && old.isNumber():
		return c.size[0]-c.size[1] >= old.size[0]-old.size[1] && c.size[1] >= old.size[1]
	default:
		return false
	}
}
