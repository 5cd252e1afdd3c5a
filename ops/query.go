package ops

import (
	"context"
	"fmt"
	"strings"

	"store-events/ops/internal/query"
)

// Rows is the result of a query.
type Rows = query.Rows

// Cell is a value of a result.
type Cell = query.Cell

// Query runs a statement on the store events database: directly if the stack is
// on this machine, else on the consumer instance, because the database is private.
// The consumer cannot distinguish the text NULL from a null value.
func (o *Ops) Query(ctx context.Context, sql string) (Rows, error) { return o.db.Query(ctx, sql) }

// CountRows counts the rows of the target table; 0 before the first ingest has
// created it.
func (o *Ops) CountRows(ctx context.Context) (int, error) {
	n, err := o.targetRows(ctx)
	return n, query.IgnoreNoTable(err, o.stack.TargetTable)
}

func (o *Ops) targetRows(ctx context.Context) (n int, err error) {
	err = o.db.Numbers(ctx, "select count(*) from "+query.Identifier(o.stack.TargetTable), &n)
	return n, err
}

// DatabaseServer is the product and release of the database server, such as
// "MySQL 8.4.5", as the server itself reports it.
func (o *Ops) DatabaseServer(ctx context.Context) (string, error) {
	rows, err := o.db.Query(ctx, "select version()")
	if err != nil {
		return "", err
	}
	if len(rows.Rows) != 1 || len(rows.Rows[0]) != 1 {
		return "", fmt.Errorf("expected one version, got %v", rows.Rows)
	}
	// 9.7.4-2 is a build of MySQL 9.7.4; 11.4.5-MariaDB-log names its product.
	version, build, _ := strings.Cut(rows.Rows[0][0].Text, "-")
	if strings.Contains(build, "MariaDB") {
		return "MariaDB " + version, nil
	}
	return "MySQL " + version, nil
}
