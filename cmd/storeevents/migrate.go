package main

import (
	"context"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"store-events/cmd/storeevents/page"
	"store-events/internal/plural"
	"store-events/ops"
	"store-events/schema"
)

func newMigrate(a *app) *cobra.Command {
	var yes bool
	cmd := &cobra.Command{
		Use:   "migrate",
		Short: "Convert existing columns to the types in the configuration",
		Long: `Compare the fields of schema/contract.json and store-events:extraColumns with the
columns of the table, and show which types differ, how many values would not fit,
and how many days of Parquet would be rewritten. Nothing is changed.

With --yes the command updates the stack and starts one run of the job, which converts
the columns and rewrites the Parquet. If a value does not fit, it fails and changes
nothing. Until the run has ended, queries of Athena may fail on the changed
columns.` + stopsItsRun,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			m, err := a.migrate(cmd.Context(), yes)
			if err != nil {
				return err
			}
			if err := a.print(m, func(w *page.Page) { writeMigration(w, m, a.stack) }); err != nil {
				return err
			}
			if err := m.Err(); err != nil {
				return &reportedError{err}
			}
			return nil
		},
	}
	a.asFlag(cmd, providersRole)
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "update the stack and convert the columns; without it nothing is changed")
	return cmd
}

func (a *app) migrate(ctx context.Context, yes bool) (ops.Migration, error) {
	cfg, err := a.checkConfig()
	if err != nil {
		return ops.Migration{}, err
	}
	contract, err := schema.Load().WithColumns(cfg.Catalog.ExtraColumns)
	if err != nil {
		return ops.Migration{}, err
	}
	o, err := a.operate(ctx)
	if err != nil {
		return ops.Migration{}, err
	}
	m, err := o.PlanMigration(ctx, contract)
	if err != nil || !yes || len(m.Columns) == 0 || m.Err() != nil {
		return m, err
	}
	if _, err := a.update(ctx, cfg, upOptions{}); err != nil {
		return m, err
	}
	run, err := o.Migrate(ctx)
	if err != nil {
		return m, err
	}
	m.Run = &run
	m.Seconds += run.Seconds
	return m, nil
}

func writeMigration(w *page.Page, m ops.Migration, stack string) {
	if len(m.Columns) == 0 {
		w.Printf("nothing to migrate: the columns of %s have the types of their fields\n", m.Table)
		return
	}
	var rows [][]string
	for _, c := range m.Columns {
		rows = append(rows, []string{c.Name, c.From, c.To, c.Way, strconv.Itoa(c.Unfit), strings.Join(c.Examples, ", ")})
	}
	w.Table([]string{"COLUMN", "IS", "WANTED", "CHANGE", "DO NOT FIT", "SUCH AS"}, rows)
	if m.Run != nil {
		writeLoaded(w, m.Run.RunID, m.Run.Loaded, m.Run.Seconds)
		w.Printf("%s of %s migrated; `storeevents verify --stack %s` compares table and Parquet\n", plural.Count(len(m.Columns), "column"), m.Table, stack)
		return
	}
	w.Printf("%s of %s, and the Parquet of %s, would change; run it again with --yes to convert them\n", plural.Count(m.Rows, "row"), m.Table, plural.Count(m.Days, "day"))
}
