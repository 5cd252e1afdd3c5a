package main

import (
	"github.com/spf13/cobra"

	"store-events/cmd/storeevents/page"
	"store-events/internal/plural"
	"store-events/ops"
)

func newIngest(a *app) *cobra.Command {
	var r ops.IngestRequest
	cmd := &cobra.Command{
		Use:   "ingest",
		Short: "Run the Glue job on new objects and wait until it has finished",
		Long:  "Run the Glue job on new objects and wait until it has finished." + stopsItsRun,
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return operation(cmd.Context(), a, func(o *ops.Ops) (ops.IngestResult, error) { return o.Ingest(cmd.Context(), r) },
				func(w *page.Page, r ops.IngestResult) { writeLoaded(w, r.RunID, r.Loaded, r.Seconds) })
		},
	}
	cmd.Flags().BoolVar(&r.Reset, "reset-bookmark", false, "reset the job's bookmark first; no row is loaded again, because the ledger in the database records the loaded objects")
	return cmd
}

func writeLoaded(w *page.Page, run string, l ops.Loaded, seconds float64) {
	w.Printf("%s: %s read: %s new, %d already there, %d quarantined (%.1f s)\n",
		run, plural.Count(l.RowsRead, "line"), plural.Count(l.RowsNew, "row"), l.RowsDuplicate, l.RowsQuarantined, seconds)
}
