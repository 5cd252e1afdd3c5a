package main

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"store-events/cmd/storeevents/page"
	"store-events/ops"
)

func newQuery(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "query [SQL]",
		Short: "Query the store events in MySQL",
		Long: `Query the store events in MySQL. On AWS the statement runs on the consumer
instance, through Systems Manager, because only the VPC can reach the database.
Without an argument the statement is read from standard input.`,
		Example: `  storeevents query "SELECT store_id, sum(sales) FROM sales_txns_tbl GROUP BY store_id"`,
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			text, err := a.statement(cmd.Context(), args, cmd.InOrStdin())
			if err != nil {
				return err
			}
			return operation(cmd.Context(), a, func(o *ops.Ops) (ops.Rows, error) { return o.Query(cmd.Context(), text) }, writeRows)
		},
	}
}

func writeRows(w *page.Page, rows ops.Rows) { w.Table(rows.Columns, rows.Texts()) }

// statement returns the argument, or the contents of standard input.
func (a *app) statement(ctx context.Context, args []string, in io.Reader) (string, error) {
	text := strings.Join(args, " ")
	if len(args) == 0 {
		defer a.pauseLine()()
		raw, err := answer(ctx, func() ([]byte, error) { return io.ReadAll(in) })
		if err != nil {
			return "", err
		}
		text = string(raw)
	}
	if strings.TrimSpace(text) == "" {
		return "", errors.New("no statement: pass one as argument or on standard input")
	}
	return text, nil
}
