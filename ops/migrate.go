package ops

import (
	"context"
	"fmt"
	"math"
	"strconv"
	"strings"
	"time"

	"store-events/ops/internal/query"
	"store-events/schema"
)

// Migration is a change of existing columns of the target table.
type Migration struct {
	Table   string            `json:"table"`
	Rows    int               `json:"rows"`
	Days    int               `json:"days"` // Days whose Parquet is written again.
	Columns []ColumnMigration `json:"columns"`
	Run     *IngestResult     `json:"run,omitempty"` // Missing for a dry run.
	Seconds float64           `json:"seconds"`
}

// ColumnMigration is the change of one column.
type ColumnMigration struct {
	Name string `json:"name"`
	From string `json:"from"` // Types of MySQL.
	To   string `json:"to"`
	// Way is the kind of change: schema.Wider, schema.Migration or schema.Refused.
	Way string `json:"way"`
	// Unfit counts the values that do not fit into the new type, and Examples lists the first ones.
	Unfit    int      `json:"unfit"`
	Examples []string `json:"examples,omitempty"`
}

// Err returns why the migration is impossible, nil if it is possible.
func (m Migration) Err() error {
	var problems []string
	for _, c := range m.Columns {
		switch {
		case c.Way == schema.Refused:
			problems = append(problems, fmt.Sprintf("column %s is %s and cannot become %s: restore the field's type, or rename the field", c.Name, c.From, c.To))
		case c.Unfit > 0:
			problems = append(problems, fmt.Sprintf("%d values of column %s do not fit into %s, such as %s: choose a type that fits them", c.Unfit, c.Name, c.To, strings.Join(c.Examples, ", ")))
		}
	}
	if len(problems) == 0 {
		return nil
	}
	return fmt.Errorf("table %s cannot be migrated:\n%s", m.Table, strings.Join(problems, "\n"))
}

// ColumnChanges compares the columns of the target table with a contract. The result
// is empty if the table does not exist yet.
func (o *Ops) ColumnChanges(ctx context.Context, contract schema.Contract) ([]schema.ColumnChange, error) {
	columns, err := o.db.Columns(ctx, o.stack.TargetTable)
	if err != nil {
		return nil, fmt.Errorf("read the columns of %s: %w", o.stack.TargetTable, err)
	}
	return contract.ColumnChanges(columns), nil
}

// PlanMigration returns the effect of migrating the columns to a contract. It changes nothing.
func (o *Ops) PlanMigration(ctx context.Context, contract schema.Contract) (Migration, error) {
	start := time.Now()
	m := Migration{Table: o.stack.TargetTable, Columns: []ColumnMigration{}}
	changes, err := o.ColumnChanges(ctx, contract)
	if err != nil || len(changes) == 0 {
		return m, err
	}
	if err := o.db.Numbers(ctx, fmt.Sprintf("select count(*), count(distinct %s) from %s",
		query.Identifier(contract.PartitionKey), query.Identifier(m.Table)), &m.Rows, &m.Days); err != nil {
		return m, err
	}
	for _, change := range changes {
		c := ColumnMigration{Name: change.Field.Name, From: change.From, To: change.Field.ColumnType(), Way: change.Way}
		if c.Way == schema.Migration {
			if err := o.countUnfit(ctx, &c); err != nil {
				return m, err
			}
		}
		m.Columns = append(m.Columns, c)
	}
	m.Seconds = seconds(start)
	return m, nil
}

// countUnfit counts the values of a column that do not fit into the new type.
func (o *Ops) countUnfit(ctx context.Context, c *ColumnMigration) error {
	from := fmt.Sprintf(" from %s where %s", query.Identifier(o.stack.TargetTable), unfit(*c))
	if err := o.db.Numbers(ctx, "select count(*)"+from, &c.Unfit); err != nil || c.Unfit == 0 {
		return err
	}
	return o.db.Run(ctx, fmt.Sprintf("select distinct %s%s limit 3", query.Identifier(c.Name), from), query.EachRow(func(cells []query.Cell) error {
		c.Examples = append(c.Examples, fmt.Sprintf("%q", cells[0].Text))
		return nil
	}))
}

// unfit returns the condition for values that the new type would change. In a SELECT, a
// cast does not fail: it rounds, or returns the nearest value. The job uses the same
// condition, in columns.py.
func unfit(c ColumnMigration) string {
	column := query.Identifier(c.Name)
	if strings.HasPrefix(c.To, "varchar") {
		return fmt.Sprintf("char_length(cast(%s as char)) > %s", column, strings.Trim(c.To, "varch()"))
	}
	number, low, high := c.To, "", ""
	switch c.To {
	case "int":
		number, low, high = "decimal(10,0)", strconv.Itoa(math.MinInt32), strconv.Itoa(math.MaxInt32)
	case "bigint":
		number, low, high = "decimal(19,0)", strconv.Itoa(math.MinInt64), strconv.Itoa(math.MaxInt64)
	}
	value, conditions := column, []string{}
	if strings.HasPrefix(c.From, "varchar") {
		// The second condition is for line ends: a $ also matches before one.
		conditions = append(conditions, column+" not regexp '^-?[0-9]{1,35}([.][0-9]{1,30})?$'", column+" regexp '[^0-9.-]'")
		value = fmt.Sprintf("cast(%s as decimal(65,30))", column)
	}
	conditions = append(conditions, fmt.Sprintf("%s <> cast(%s as %s)", value, value, number))
	if low != "" {
		conditions = append(conditions, fmt.Sprintf("%s not between %s and %s", value, low, high))
	}
	return "(" + strings.Join(conditions, " or ") + ")"
}

// Migrate runs the job to convert the columns whose fields have a new type, and to
// rewrite their Parquet. The stack must be deployed with the new types. The job
// changes nothing if a value does not fit.
func (o *Ops) Migrate(ctx context.Context) (IngestResult, error) {
	return o.Ingest(ctx, IngestRequest{Arguments: map[string]string{"--" + o.contract.JobOptions.MigrateColumns: "true"}})
}
