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

// eachRow visits the rows.
type eachRow func(cells []string) error

func (eachRow) columns([]string) {}

func (f eachRow) row(cells []string) error { return f(cells) }
