package main

import (
	"github.com/spf13/cobra"

	"store-events/cmd/storeevents/page"
	"store-events/ops"
)

func newAthena(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "athena [SQL or name]",
		Short: "Query the Parquet through Athena, by statement or named query",
		Long: `Query the Parquet through Athena: a statement, or the name of one of the stack's
named queries. Without an argument the statement is read from standard input; on
a terminal the named queries are listed instead.`,
		Example: "  storeevents athena sales-by-store",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 && page.IsTerminal(cmd.InOrStdin()) {
				return operation(cmd.Context(), a, func(o *ops.Ops) ([]ops.NamedQuery, error) { return o.NamedQueries(cmd.Context()) }, a.writeNamedQueries)
			}
			text, err := a.statement(cmd.Context(), args, cmd.InOrStdin())
			if err != nil {
				return err
			}
			return operation(cmd.Context(), a, func(o *ops.Ops) (ops.Rows, error) { return o.Athena(cmd.Context(), text) }, writeRows)
		},
	}
}

func (a *app) writeNamedQueries(w *page.Page, queries []ops.NamedQuery) {
	var rows [][]string
	for _, q := range queries {
		rows = append(rows, []string{q.Name, q.Description})
	}
	w.Table([]string{"QUERY", "RETURNS"}, rows)
	w.Printf("`storeevents athena NAME --stack %s` runs one of them\n", a.stack)
}
