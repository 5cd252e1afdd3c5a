package ops

import "encoding/json"

// null is what the mysql client prints for a null value.
const null = "NULL"

// Cell is a value of a result, as text. In JSON a null value is null.
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

// Rows is the result of a query.
type Rows struct {
	Columns []string `json:"columns"`
	Rows    [][]Cell `json:"rows"`
}

// Texts are the rows for people to read.
func (r Rows) Texts() [][]string {
	out := make([][]string, len(r.Rows))
	for i, cells := range r.Rows {
		for _, c := range cells {
			out[i] = append(out[i], c.String())
		}
	}
	return out
}

// visitor takes a result as it arrives, so that it need not be held.
type visitor interface {
	columns(names []string)
	row(values []Cell) error
}

func (r *Rows) columns(names []string) { r.Columns = names }

func (r *Rows) row(values []Cell) error {
	r.Rows = append(r.Rows, values)
	return nil
}

// eachRow visits the rows.
type eachRow func(cells []Cell) error

func (eachRow) columns([]string) {}

func (f eachRow) row(cells []Cell) error { return f(cells) }
