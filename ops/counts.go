package ops

import (
	"context"
	"fmt"
	"strconv"
	"strings"
)

// CountRows counts the rows of the target table; none before the first ingest
// has made it.
func (o *Ops) CountRows(ctx context.Context) (int, error) {
	exists, err := o.tableExists(ctx, o.stack.TargetTable)
	if err != nil || !exists {
		return 0, err
	}
	rows, err := o.Query(ctx, "select count(*) from "+identifier(o.stack.TargetTable))
	if err != nil {
		return 0, err
	}
	var n int
	err = rows.numbers(&n)
	return n, err
}

// DatabaseServer is the product and release of the database server, such as
// "MySQL 8.4.5", as it says itself.
func (o *Ops) DatabaseServer(ctx context.Context) (string, error) {
	rows, err := o.Query(ctx, "select version()")
	if err != nil {
		return "", err
	}
	if len(rows.Rows) != 1 || len(rows.Rows[0]) != 1 {
		return "", fmt.Errorf("expected one version, got %v", rows.Rows)
	}
	// 9.7.4-2 is a build of MySQL 9.7.4; 11.4.5-MariaDB-log says what it is.
	version, build, _ := strings.Cut(rows.Rows[0][0].Text, "-")
	if strings.Contains(build, "MariaDB") {
		return "MariaDB " + version, nil
	}
	return "MySQL " + version, nil
}

func (o *Ops) tableExists(ctx context.Context, name string) (bool, error) {
	rows, err := o.Query(ctx, "select count(*) from information_schema.tables where table_schema = "+
		literal(o.stack.DatabaseName)+" and table_name = "+literal(name))
	if err != nil {
		return false, err
	}
	var n int
	err = rows.numbers(&n)
	return n > 0, err
}

// CountParquet counts the rows of the curated Parquet, by Athena.
func (o *Ops) CountParquet(ctx context.Context) (int, error) {
	rows, err := o.Athena(ctx, "select count(*) from "+athenaIdentifier(o.stack.CuratedTable))
	if err != nil {
		return 0, err
	}
	var n int
	err = rows.numbers(&n)
	return n, err
}

// numbers reads the one row of a result that has one column for each n.
func (r Rows) numbers(n ...*int) error {
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
