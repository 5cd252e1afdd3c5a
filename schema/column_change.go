package schema

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// ColumnType is the type of the field's column as MySQL names it in
// information_schema, without the display width of whole numbers.
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

// Ways in which an existing column gets another type.
const (
	// Wider means that the column holds every old value unchanged: the next run of
	// the job alters it.
	Wider = "wider"
	// Migration means that values are converted, and that some may not fit.
	Migration = "migration"
	// Refused means that values would become something else.
	Refused = "refused"
)

// ColumnChange is a column of the target table whose field has another type.
type ColumnChange struct {
	Field Field
	From  string // The column's type, as ColumnType.
	Way   string
}

func (c ColumnChange) String() string {
	return fmt.Sprintf("%s is %s, but the contract requires %s", c.Field.Name, c.From, c.Field.ColumnType())
}

// ColumnChanges compares the fields with the existing columns, given as name and
// type, in the order of the fields. The job's columns.py has the same rules, and
// testdata/column_changes.jsonl the cases that both agree on.
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

// withoutWidth removes the display width that MariaDB and some releases of MySQL
// give whole numbers.
func withoutWidth(column string) string { return displayWidth.ReplaceAllString(column, "$1") }

// wayOf says how a column of one type gets another one.
func wayOf(from, to string) string {
	old, wanted := columnOf(from), columnOf(to)
	switch {
	case wanted.holds(old):
		return Wider
	case old.converts() && wanted.converts():
		return Migration
	default: // The text of a boolean or a time depends on who writes it.
		return Refused
	}
}

// column is a column's type: its kind, and the numbers in parentheses. A whole
// number has the digits of its largest value.
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

// holds reports whether each value of another type is also a value of this one.
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
