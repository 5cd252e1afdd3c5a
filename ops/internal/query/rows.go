// Package query runs statements on the store events database and through Athena.
// Both stream rows of strings, so that large results do not need to fit into memory.
package query

import (
	"encoding/json"
	"fmt"
	"strconv"
)

// null is what the mysql client prints for a null value.
const null = "NULL"

// Cell is a value of a result as a string, or null.
type Cell struct {
	Text string
	Null bool
}

func (c Cell) String() string {
	if c.Null {
		return null
	}
	return c.Text
}

// MarshalJSON encodes a string or null.
func (c Cell) MarshalJSON() ([]byte, error) {
	if c.Null {
		return []byte("null"), nil
	}
	return json.Marshal(c.Text)
}

// Visitor receives a result as it arrives.
type Visitor interface {
	SetColumns(names []string)
	Row(values []Cell) error
}

// EachRow visits the rows and ignores the names of the columns.
type EachRow func(cells []Cell) error

// SetColumns does nothing.
func (EachRow) SetColumns([]string) {}

// Row calls f.
func (f EachRow) Row(cells []Cell) error { return f(cells) }

// Rows is the whole result of a query.
type Rows struct {
	Columns []string `json:"columns"`
	Rows    [][]Cell `json:"rows"`
}

// noRows returns an empty result, with lists rather than null in JSON. The client on the consumer does not print the
// names of the columns of an empty result.
func noRows() Rows { return Rows{Columns: []string{}, Rows: [][]Cell{}} }

// SetColumns stores the names.
func (r *Rows) SetColumns(names []string) { r.Columns = names }

// Row stores the values.
func (r *Rows) Row(values []Cell) error {
	r.Rows = append(r.Rows, values)
	return nil
}

// Texts returns the rows for people to read.
func (r Rows) Texts() [][]string {
	out := make([][]string, len(r.Rows))
	for i, cells := range r.Rows {
		for _, c := range cells {
			out[i] = append(out[i], c.String())
		}
	}
	return out
}

// Numbers parses a result of one row with one column for each n.
func (r Rows) Numbers(n ...*int) error {
	if len(r.Rows) != 1 || len(r.Rows[0]) != len(n) {
		return fmt.Errorf("expected one row of %d numbers, got %v", len(n), r.Rows)
	}
	for i, cell := range r.Rows[0] {
		v, err := strconv.Atoi(cell.Text)
		if err != nil {
			return fmt.Errorf("column %s: %w", r.Columns[i], err)
		}
		*n[i] = v
	}
	return nil
}
