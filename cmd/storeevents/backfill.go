package main

import (
	"strconv"

	"github.com/spf13/cobra"

	"store-events/ops"
)

func newBackfill(a *app) *cobra.Command {
	var days ops.Days
	var dry bool
	cmd := &cobra.Command{
		Use:   "backfill",
		Short: "Read the events of some days again, and rewrite their Parquet",
		Long: `Run the job on the objects of some days again. It inserts missing rows,
keeps existing rows unchanged, and rewrites the Parquet of these days from the
table.`,
		Example: "  storeevents backfill --from 2026-05-01 --to 2026-05-07",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := days.CheckClosed(); err != nil {
				return err
			}
			o, err := a.operate(cmd.Context())
			if err != nil {
				return err
			}
			r, err := o.Backfill(cmd.Context(), days, dry)
			if err != nil {
				return err
			}
			return a.print(r, func(w *page) { writeBackfill(w, r) })
		},
	}
	f := cmd.Flags()
	f.StringVar(&days.From, "from", "", "first day, yyyy-mm-dd")
	f.StringVar(&days.To, "to", "", "last day, yyyy-mm-dd")
	f.BoolVar(&dry, "dry-run", false, "only list the objects")
	return cmd
}

func writeBackfill(w *page, r ops.BackfillResult) {
	if r.Run != nil {
		writeLoaded(w, r.Run.RunID, r.Run.Loaded, r.Run.Seconds)
		w.printf("%d objects, %d bytes of %s to %s read again; the Parquet of these days is new\n", len(r.Objects), r.Bytes, r.From, r.To)
		return
	}
	var rows [][]string
	for _, o := range r.Objects {
		rows = append(rows, []string{o.Object, strconv.FormatInt(o.Bytes, 10)})
	}
	writeTable(w, []string{"OBJECT", "BYTES"}, rows)
	w.printf("%d objects, %d bytes of %s to %s would be read again\n", len(r.Objects), r.Bytes, r.From, r.To)
}
