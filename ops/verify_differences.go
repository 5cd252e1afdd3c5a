package ops

import (
	"context"
	"fmt"
	"strings"

	"store-events/schema"
)

// explain says of the events that are named because their row and Parquet differ
// which columns do, with the beginning of both values.
func (o *Ops) explain(ctx context.Context, fields []schema.Field, different Findings) error {
	if different.Total == 0 {
		return nil
	}
	var forTable, forParquet []string
	for _, f := range different.First {
		forTable = append(forTable, literal(f.Key))
		forParquet = append(forParquet, athenaLiteral(f.Key))
	}
	rows, parquet := map[string][]Cell{}, map[string][]Cell{}
	into := func(found map[string][]Cell) func(string, int64, []Cell) {
		return func(key string, _ int64, values []Cell) { found[key] = values }
	}
	where := func(column string, keys []string) string {
		return " where " + column + " in (" + strings.Join(keys, ", ") + ")"
	}
	statement := o.tableValues(fields) + where(identifier(o.contract.Key), forTable)
	if err := o.query(ctx, statement, values{fields: fields, table: true, visit: into(rows)}); err != nil {
		return err
	}
	statement = o.parquetValues(fields) + where(athenaIdentifier(o.contract.Key), forParquet)
	if err := o.queryAthena(ctx, statement, values{fields: fields, visit: into(parquet)}); err != nil {
		return err
	}
	for i, f := range different.First {
		different.First[i].Detail = differing(fields, rows[f.Key], parquet[f.Key])
	}
	return nil
}

// differing names the columns whose values differ.
func differing(fields []schema.Field, row, parquet []Cell) string {
	var found []string
	for i, f := range fields {
		if i < len(row) && i < len(parquet) && row[i] != parquet[i] {
			found = append(found, fmt.Sprintf("%s is %s in the table and %s in the Parquet", f.Name, shown(row[i]), shown(parquet[i])))
		}
	}
	return strings.Join(found, "; ")
}

// shown is the beginning of a value, in quotes unless it is null.
func shown(c Cell) string {
	if c.Null {
		return "null"
	}
	return fmt.Sprintf("%q", beginning([]byte(c.Text)))
}
