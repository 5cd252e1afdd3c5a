package ops

// null is how a null value is written in rows, as the mysql client does.
const null = "NULL"

// Rows is the result of a query, as text.
type Rows struct {
	Columns []string   `json:"columns"`
	Rows    [][]string `json:"rows"`
}

// visitor takes a result as it arrives, so that it need not be held.
type visitor interface {
	columns(names []string)
	row(values []string) error
}

func (r *Rows) columns(names []string) { r.Columns = names }

func (r *Rows) row(values []string) error {
	r.Rows = append(r.Rows, values)
	return nil
}

// eachValue visits the first column.
type eachValue func(string)

func (eachValue) columns([]string) {}

func (f eachValue) row(values []string) error {
	f(values[0])
	return nil
}
