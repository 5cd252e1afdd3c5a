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

// Query runs a statement on the store events database: directly for a local stack, and
// on the consumer instance otherwise, because the database is private. The consumer
// cannot distinguish the string NULL from null.
func (o *Ops) Query(ctx context.Context, sql string) (Rows, error) { return o.db.Query(ctx, sql) }

// CountRows counts the rows of the target table; 0 if it does not exist yet.
func (o *Ops) CountRows(ctx context.Context) (int, error) {
	n, err := o.targetRows(ctx)
	return n, query.IgnoreNoTable(err, o.stack.TargetTable)
}

func (o *Ops) targetRows(ctx context.Context) (n int, err error) {
	err = o.db.Numbers(ctx, "select count(*) from "+query.Identifier(o.stack.TargetTable), &n)
	return n, err
}

// DatabaseServer returns the product and release that the database server reports,
// such as "MySQL 8.4.5".
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
