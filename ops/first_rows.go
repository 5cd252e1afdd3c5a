package ops

import (
	"context"
	"errors"

	"store-events/ops/internal/query"
)

// firstBytes is the size of the values after which a result is cut: a row can have several MiB.
const firstBytes = 8 << 20

// FirstRows is the beginning of a result.
type FirstRows struct {
	Rows
	More bool `json:"more"` // The result has more rows.
}

// QueryFirst is like Query, but stops the statement after limit rows, or after rows with many bytes.
func (o *Ops) QueryFirst(ctx context.Context, sql string, limit int) (FirstRows, error) {
	return firstRows(ctx, limit, func(ctx context.Context, to query.Visitor) error { return o.db.Run(ctx, sql, to) })
}

// AthenaFirst is like Athena, but reads only limit rows of the result, or less if they have many bytes.
func (o *Ops) AthenaFirst(ctx context.Context, sql string, limit int) (FirstRows, error) {
	return firstRows(ctx, limit, func(ctx context.Context, to query.Visitor) error { return o.athena.Run(ctx, sql, to) })
}

func firstRows(ctx context.Context, limit int, run func(context.Context, query.Visitor) error) (FirstRows, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	to := &rowLimiter{rows: FirstRows{Rows: Rows{Columns: []string{}, Rows: [][]Cell{}}}, limit: limit, stop: cancel}
	err := run(ctx, to)
	if errors.Is(err, errEnough) {
		err = nil
	}
	return to.rows, err
}

var errEnough = errors.New("enough rows")

// rowLimiter keeps the first rows of a result.
type rowLimiter struct {
	rows  FirstRows
	limit int
	bytes int // Of the values in rows.
	// stop cancels the statement. Otherwise closing the connection would read the
	// rest of the result.
	stop func()
}

// SetColumns stores the names.
func (l *rowLimiter) SetColumns(names []string) { l.rows.Columns = names }

// Row stores a row, or stops the statement after enough of them.
func (l *rowLimiter) Row(cells []Cell) error {
	if len(l.rows.Rows.Rows) == l.limit || l.bytes >= firstBytes {
		l.rows.More = true
		l.stop()
		return errEnough
	}
	l.rows.Rows.Rows = append(l.rows.Rows.Rows, cells)
	for _, cell := range cells {
		l.bytes += len(cell.Text)
	}
	return nil
}
