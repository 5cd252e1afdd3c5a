package ops

import (
	"context"
	"fmt"
	"strconv"
)

// CountRows counts the rows of the target table.
func (o *Ops) CountRows(ctx context.Context) (int, error) {
	rows, err := o.Query(ctx, "select count(*) from "+identifier(o.stack.TargetTable))
	if err != nil {
		return 0, err
	}
	var n int
	return n, rows.numbers(&n)
}

// CountParquet counts the rows of the curated Parquet, by Athena.
func (o *Ops) CountParquet(ctx context.Context) (int, error) {
	rows, err := o.Athena(ctx, "select count(*) from "+athenaIdentifier(o.stack.CuratedTable))
	if err != nil {
		return 0, err
	}
	var n int
	return n, rows.numbers(&n)
}

// numbers reads the one row of a result that has one column for each n.
func (r Rows) numbers(n ...*int) error {
	if len(r.Rows) != 1 || len(r.Rows[0]) != len(n) {
		return fmt.Errorf("expected one row of %d numbers, got %v", len(n), r.Rows)
	}
	for i, text := range r.Rows[0] {
		v, err := strconv.Atoi(text)
		if err != nil {
			return fmt.Errorf("column %s: %w", r.Columns[i], err)
		}
		*n[i] = v
	}
	return nil
}
