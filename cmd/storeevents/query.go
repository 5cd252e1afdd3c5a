package main

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"store-events/ops"
)

func newQuery(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "query [SQL]",
		Short: "Query the store events in MySQL",
		Long: `Query the store events in MySQL. On AWS the statement goes through the consumer
instance by Systems Manager, as the database can be reached from nowhere else.
Without an argument the statement is read from standard input.`,
		Example: `  storeevents query "SELECT store_id, sum(sales) FROM sales_txns_tbl GROUP BY store_id"`,
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.answer(cmd, args, (*ops.Ops).Query)
		},
	}
}

func newAthena(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "athena [SQL or name]",
		Short: "Query the Parquet through Athena, by statement or named query",
		Long: `Query the Parquet through Athena: a statement, or the name of one of the stack's
named queries (storeevents outputs lists them). Without an argument the
statement is read from standard input.`,
		Example: "  storeevents athena sales-by-store",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.answer(cmd, args, (*ops.Ops).Athena)
		},
	}
}

// answer runs a query of one of the two engines and prints its rows.
func (a *app) answer(cmd *cobra.Command, args []string, query func(*ops.Ops, context.Context, string) (ops.Rows, error)) error {
	text, err := statement(args, cmd.InOrStdin())
	if err != nil {
		return err
	}
	o, err := a.operate(cmd.Context())
	if err != nil {
		return err
	}
	rows, err := query(o, cmd.Context(), text)
	if err != nil {
		return err
	}
	return a.print(rows, func(w *page) { writeTable(w, rows.Columns, rows.Texts()) })
}

func statement(args []string, in io.Reader) (string, error) {
	text := strings.Join(args, " ")
	if len(args) == 0 {
		raw, err := io.ReadAll(in)
		if err != nil {
			return "", err
		}
		text = string(raw)
	}
	if strings.TrimSpace(text) == "" {
		return "", errors.New("no statement: give one as argument or on standard input")
	}
	return text, nil
}
