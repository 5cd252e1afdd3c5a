package ops

import (
	"context"

	"store-events/ops/internal/query"
)

// Athena runs a statement, or a query of the stack by its name, in the stack's
// workgroup and catalog database. Ending ctx stops the query.
func (o *Ops) Athena(ctx context.Context, query string) (Rows, error) {
	return o.athena.Query(ctx, query)
}

// CountParquet counts the rows of the curated Parquet through Athena.
func (o *Ops) CountParquet(ctx context.Context) (n int, err error) {
	rows, err := o.athena.Query(ctx, "select count(*) from "+query.AthenaIdentifier(o.stack.CuratedTable))
	if err != nil {
		return 0, err
	}
	err = rows.Numbers(&n)
	return n, err
}
