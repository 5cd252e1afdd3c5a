package main

import (
	"strconv"

	"github.com/spf13/cobra"

	"store-events/ops"
)

func newProduce(a *app) *cobra.Command {
	var r ops.ProduceRequest
	var rate int
	var badShare float64
	var gzip bool
	var seed uint64
	cmd := &cobra.Command{
		Use:   "produce",
		Short: "Invoke the producer for a time, or for a number of events",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			given := cmd.Flags().Changed // What is not given is left to the function's own configuration.
			if given("rate") {
				r.Rate = &rate
			}
			if given("bad-share") {
				r.BadShare = &badShare
			}
			if given("gzip") {
				r.Gzip = &gzip
			}
			if given("seed") {
				r.Seed = &seed
			}
			o, err := a.operate(cmd.Context())
			if err != nil {
				return err
			}
			result, err := o.Produce(cmd.Context(), r)
			if err != nil {
				return err
			}
			return a.print(result, func(w *page) {
				w.printf("%d events stored: %d sales (total %s), %d of inventory; %d of them bad (%.1f s)\n",
					result.Messages, result.SaleEvents, result.TotalSales, result.InventoryEvents, result.BadMessages, result.Seconds)
			})
		},
	}
	f := cmd.Flags()
	f.IntVarP(&r.Events, "events", "n", 0, "number of events (0: as many as the producer makes in --seconds)")
	f.Float64Var(&r.Seconds, "seconds", 0, "time to produce for (default: the function's own)")
	f.IntVar(&r.Batch, "batch", 0, "events in an object (default: the function's setting)")
	f.IntVar(&rate, "rate", 0, "events a second, 0 for no limit (default: the function's setting)")
	f.Float64Var(&badShare, "bad-share", 0, "share of bad events, 0 to 1 (default: the function's own)")
	f.BoolVar(&gzip, "gzip", false, "compress the objects (default: the function's setting)")
	f.Uint64Var(&seed, "seed", 0, "seed of the generator (default: random)")
	return cmd
}

func newCrawl(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "crawl",
		Short: "Run the crawler and wait for its end",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := a.operate(cmd.Context())
			if err != nil {
				return err
			}
			r, err := o.Crawl(cmd.Context())
			if err != nil {
				return err
			}
			return a.print(r, func(w *page) {
				var rows [][]string
				for _, t := range r.Tables {
					rows = append(rows, []string{t.Name, strconv.Itoa(t.Columns), strconv.Itoa(t.Partitions), t.Location})
				}
				writeTable(w, []string{"TABLE", "COLUMNS", "PARTITIONS", "LOCATION"}, rows)
			})
		},
	}
}

func newIngest(a *app) *cobra.Command {
	var r ops.IngestRequest
	cmd := &cobra.Command{
		Use:   "ingest",
		Short: "Run the Glue job on new objects and wait for its end",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := a.operate(cmd.Context())
			if err != nil {
				return err
			}
			result, err := o.Ingest(cmd.Context(), r)
			if err != nil {
				return err
			}
			return a.print(result, func(w *page) { writeLoaded(w, result.RunID, result.Loaded, result.Seconds) })
		},
	}
	cmd.Flags().BoolVar(&r.Reset, "reset-bookmark", false, "forget the job's bookmark first; nothing is loaded again, because the ledger in the database records what is loaded")
	return cmd
}

func writeLoaded(w *page, run string, l ops.Loaded, seconds float64) {
	w.printf("%s: %d lines read: %d rows new, %d already there, %d quarantined (%.1f s)\n",
		run, l.RowsRead, l.RowsNew, l.RowsDuplicate, l.RowsQuarantined, seconds)
}
