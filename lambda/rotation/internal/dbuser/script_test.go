package dbuser

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

// script is a fake server that expects statements in the given order. rotate's tests use
// a real server.
type script struct {
	t     *testing.T
	steps []step
}

// step is a statement with its parameters and its result.
type step struct {
	statement string
	args      []any
	rows      [][]driver.Value
	err       error
}

// open returns a database that expects these statements, and no others.
func open(t *testing.T, steps ...step) *sql.DB {
	t.Helper()
	s := &script{t, steps}
	db := sql.OpenDB(s)
	t.Cleanup(func() {
		require.NoError(t, db.Close())
		require.Empty(t, s.steps, "statements that were not sent")
	})
	return db
}

func (s *script) next(statement string, args []driver.NamedValue) step {
	s.t.Helper()
	require.NotEmpty(s.t, s.steps, statement)
	expected := s.steps[0]
	s.steps = s.steps[1:]
	var values []any
	for _, a := range args {
		values = append(values, a.Value)
	}
	require.Equal(s.t, expected.statement, statement)
	require.Equal(s.t, expected.args, values, statement)
	return expected
}

func (s *script) ExecContext(_ context.Context, statement string, args []driver.NamedValue) (driver.Result, error) {
	return driver.ResultNoRows, s.next(statement, args).err
}

func (s *script) QueryContext(_ context.Context, statement string, args []driver.NamedValue) (driver.Rows, error) {
	answer := s.next(statement, args)
	columns := 0
	if len(answer.rows) > 0 {
		columns = len(answer.rows[0])
	}
	return &rows{answer.rows, make([]string, columns)}, answer.err
}

// rows end at a row that is an error, or after the last row.
type rows struct {
	left    [][]driver.Value
	columns []string
}

func (r *rows) Columns() []string { return r.columns }

func (r *rows) Close() error { return nil }

func (r *rows) Next(into []driver.Value) error {
	if len(r.left) == 0 {
		return io.EOF
	}
	row := r.left[0]
	r.left = r.left[1:]
	if err, broken := row[0].(error); broken {
		return err
	}
	copy(into, row)
	return nil
}

var errUnused = errors.New("the code does not use it")

func (s *script) Connect(context.Context) (driver.Conn, error) { return s, nil }
func (s *script) Driver() driver.Driver                        { return nil }
func (s *script) Prepare(string) (driver.Stmt, error)          { return nil, errUnused }
func (s *script) Begin() (driver.Tx, error)                    { return nil, errUnused }
func (s *script) Close() error                                 { return nil }
