package query

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-sql-driver/mysql"

	"store-events/schema"
)

// Runner runs a statement on MySQL.
type Runner interface {
	Run(ctx context.Context, statement string, to Visitor) error
}

// Database is the store events database.
type Database struct {
	Runner
	Name string
}

// Query runs a statement and returns the whole result.
func (d Database) Query(ctx context.Context, statement string) (Rows, error) {
	rows := noRows()
	err := d.Run(ctx, statement, &rows)
	return rows, err
}

// Numbers runs a statement that returns one row with one number for each n.
func (d Database) Numbers(ctx context.Context, statement string, n ...*int) error {
	rows, err := d.Query(ctx, statement)
	if err != nil {
		return err
	}
	return rows.Numbers(n...)
}

// noSuchTable is MySQL's error for a table that does not exist.
// https://dev.mysql.com/doc/mysql-errors/8.4/en/server-error-reference.html#error_er_no_such_table
const noSuchTable = 1146

// NoTable reports whether a statement failed because the table does not exist. On the
// consumer, it recognizes the error number in the client's output.
func NoTable(err error, table string) bool {
	if err == nil || !strings.Contains(strings.ToLower(err.Error()), strings.ToLower("."+table+"'")) {
		return false
	}
	var e *mysql.MySQLError
	if errors.As(err, &e) {
		return e.Number == noSuchTable
	}
	return strings.Contains(err.Error(), fmt.Sprintf("ERROR %d ", noSuchTable))
}

// IgnoreNoTable returns nil if the error is that the table does not exist, so that a missing
// table has no rows. Checking first would need another command on the consumer.
func IgnoreNoTable(err error, table string) error {
	if NoTable(err, table) {
		return nil
	}
	return err
}

// Columns returns the types of a table's columns by name, as MySQL writes them,
// such as "varchar(36)"; none for a table that does not exist.
func (d Database) Columns(ctx context.Context, table string) (map[string]string, error) {
	columns := map[string]string{}
	err := d.Run(ctx, "select column_name, lower(column_type) from information_schema.columns where table_schema = "+
		Literal(d.Name)+" and table_name = "+Literal(table), EachRow(func(cells []Cell) error {
		columns[cells[0].Text] = cells[1].Text
		return nil
	}))
	return columns, err
}

// MaxKeys is the maximum number of keys or batches in a statement.
const MaxKeys = 500

// Events is a table of events. A table that does not exist is empty.
type Events struct {
	Table    string
	Contract schema.Contract
}

// PresentKeys returns the keys that exist in a table. The keys must be unique.
func (d Database) PresentKeys(ctx context.Context, e Events, keys []string) ([]string, error) {
	var present []string
	err := d.EachWithKey(ctx, e, keys, "", func(key string, _ []Cell) error {
		present = append(present, key)
		return nil
	})
	return present, err
}

// EachWithKey visits the rows of a table that have one of the keys, with the values
// of another column unless it is "". The keys must be unique; those of invalid lines may
// be strings that no table contains.
func (d Database) EachWithKey(ctx context.Context, e Events, keys []string, column string, visit func(key string, cells []Cell) error) error {
	keys = slices.DeleteFunc(slices.Clone(keys), func(key string) bool { return !e.Contract.IsKey(key) })
	if len(keys) == 0 {
		return nil
	}
	columns, err := d.Columns(ctx, e.Table)
	if err != nil || len(columns) == 0 {
		return err
	}
	selected := Identifier(e.Contract.Key)
	if column != "" {
		selected += ", " + Identifier(column)
	}
	_, hashed := columns[e.Contract.KeyHash()]
	for _, chunk := range KeyChunks(keys) {
		statement := fmt.Sprintf("select %s from %s where %s", selected, Identifier(e.Table), KeysIn(e.Contract, hashed, chunk))
		// A key is never null: NULL is an event's key.
		if err := d.Run(ctx, statement, EachRow(func(cells []Cell) error { return visit(cells[0].String(), cells[1:]) })); err != nil {
			return err
		}
	}
	return nil
}
