package main

import (
	"strconv"

	"github.com/spf13/cobra"

	"store-events/cmd/storeevents/page"
	"store-events/internal/plural"
	"store-events/ops"
)

func newBackfill(a *app) *cobra.Command {
	var days ops.Days
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "backfill",
		Short: "Read the events of some days again, and rewrite their Parquet",
		Long: `Run the job on the objects of a range of days again. It inserts missing rows,
keeps existing rows unchanged, and rewrites the Parquet of these days from the
table.` + stopsItsRun,
		Example: "  storeevents backfill --from 2026-05-01 --to 2026-05-07",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := days.CheckClosed(); err != nil {
				return err
			}
			return operation(cmd.Context(), a, func(o *ops.Ops) (ops.BackfillResult, error) { return o.Backfill(cmd.Context(), days, dryRun) }, writeBackfill)
		},
	}
	f := cmd.Flags()
	f.StringVar(&days.From, "from", "", "first day, yyyy-mm-dd")
	f.StringVar(&days.To, "to", "", "last day, yyyy-mm-dd")
	f.BoolVar(&dryRun, "dry-run", false, "only list the objects")
	return cmd
}

func writeBackfill(w *page.Page, r ops.BackfillResult) {
	if r.Run != nil {
		writeLoaded(w, r.Run.RunID, r.Run.Loaded, r.Run.Seconds)
		w.Printf("%s, %d bytes of %s to %s read again; the Parquet of these days was rewritten\n", plural.Count(len(r.Objects), "object"), r.Bytes, r.From, r.To)
		return
	}
	var rows [][]string
	for _, o := range r.Objects {
		rows = append(rows, []string{o.Object, strconv.FormatInt(o.Bytes, 10)})
	}
	w.Table([]string{"OBJECT", "BYTES"}, rows)
	w.Printf("%s, %d bytes of %s to %s would be read again\n", plural.Count(len(r.Objects), "object"), r.Bytes, r.From, r.To)
}
