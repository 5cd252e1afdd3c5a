package main

import (
	"errors"

	"github.com/spf13/cobra"

	"store-events/cmd/storeevents/page"
	"store-events/internal/plural"
	"store-events/ops"
)

func newProduce(a *app) *cobra.Command {
	var r ops.ProduceRequest
	var rate int
	var incompleteShare float64
	var gzip bool
	var seed uint64
	cmd := &cobra.Command{
		Use:   "produce",
		Short: "Invoke the producer for a time, or for a number of events",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			given := cmd.Flags().Changed // The function's configuration has defaults for the others.
			if given("batch") && r.Batch == 0 || given("seconds") && r.Seconds == 0 {
				return errors.New("--batch and --seconds: must not be 0")
			}
			if given("rate") {
				r.Rate = &rate
			}
			if given("incomplete-share") {
				r.IncompleteShare = &incompleteShare
			}
			if given("gzip") {
				r.Gzip = &gzip
			}
			if given("seed") {
				r.Seed = &seed
			}
			return operation(cmd.Context(), a, func(o *ops.Ops) (ops.ProduceResult, error) { return o.Produce(cmd.Context(), r) }, writeProduced)
		},
	}
	f := cmd.Flags()
	f.IntVarP(&r.Events, "events", "n", 0, "number of events (0: as many as the producer creates in --seconds)")
	f.Float64Var(&r.Seconds, "seconds", 0, "time to produce for (default: the function's setting)")
	f.IntVar(&r.Batch, "batch", 0, "events per object (default: the function's setting)")
	f.IntVar(&rate, "rate", 0, "events per second, 0 for no limit (default: the function's setting)")
	f.Float64Var(&incompleteShare, "incomplete-share", 0, "share of incomplete events (bad_msg), 0 to 1, which are valid and are loaded (default: the function's setting)")
	f.BoolVar(&gzip, "gzip", false, "compress the objects (default: the function's setting)")
	f.Uint64Var(&seed, "seed", 0, "seed of the generator (default: random)")
	return cmd
}

func writeProduced(w *page.Page, r ops.ProduceResult) {
	w.Printf("%s stored: %s (total %s), %d of inventory; %d incomplete (bad_msg) (%.1f s)\n", plural.Count(r.Messages, "event"),
		plural.Count(r.SaleEvents, "sale"), r.TotalSales, r.InventoryEvents, r.Incomplete, r.Seconds)
}
