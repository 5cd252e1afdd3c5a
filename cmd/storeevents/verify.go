package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"store-events/cmd/storeevents/page"
	"store-events/ops"
)

// verifyResult is what `verify` prints: the verdict first.
type verifyResult struct {
	OK bool `json:"ok"`
	ops.Verification
}

func newVerify(a *app) *cobra.Command {
	var days ops.Days
	cmd := &cobra.Command{
		Use:   "verify",
		Short: "Check that every event is in the table and in the Parquet exactly once",
		Long: `Compare the event objects in S3 with the rows of the table, the rows of the
Parquet and the quarantine, event by event. The first ten differences of each kind
are listed, and all are counted; docs/operations.md describes how to repair them.
The exit status is 0 only if they agree.

With --from and --to only the objects of these days are compared, by the day in their
names (dt=), with the rows, the Parquet and the quarantined lines loaded from them.
Memory and time then depend on the events of these days instead of the size of the
table, but all objects are listed and the whole ledger is read. This comparison misses
a row of these days without an object if neither the ledger nor the Parquet of these
days contains its batch, or if that batch has also loaded an object without a day. It
also misses a second row of an event in another batch, which the table's unique key
prevents.`,
		Example: "  storeevents verify --from 2026-05-01 --to 2026-05-07",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if days != (ops.Days{}) {
				if err := days.CheckClosed(); err != nil {
					return err
				}
			}
			var differences error
			err := operation(cmd.Context(), a, func(o *ops.Ops) (verifyResult, error) {
				v, err := o.VerifyDays(cmd.Context(), days)
				differences = differ(cmd.Context(), o, v.Err())
				return verifyResult{OK: v.OK(), Verification: v}, err
			}, func(w *page.Page, r verifyResult) { w.Println(r.Summary()) })
			if err == nil && differences != nil {
				err = &reportedError{differences}
			}
			return err
		},
	}
	f := cmd.Flags()
	f.StringVar(&days.From, "from", "", "first day, yyyy-mm-dd; with --to")
	f.StringVar(&days.To, "to", "", "last day, yyyy-mm-dd; with --from")
	return cmd
}

// differ describes differences. A run that has not ended may load the rest of the events.
func differ(ctx context.Context, o *ops.Ops, differences error) error {
	if differences == nil {
		return nil
	}
	if on, err := o.Running(ctx); err == nil && len(on) > 0 {
		return fmt.Errorf("events, rows and Parquet differ while this is running: %s. Verify again when it has ended:\n%w", strings.Join(on, ", "), differences)
	}
	return fmt.Errorf("events, rows and Parquet differ:\n%w", differences)
}
