package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"store-events/ops"
)

// verifyResult is what `verify` prints: the verdict first.
type verifyResult struct {
	OK bool `json:"ok"`
	ops.Verification
}

func newVerify(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "verify",
		Short: "Check that every event is in the table and in the Parquet exactly once",
		Long: `Compare the event objects in S3 with the rows of the table, the rows of the
Parquet and the quarantine, event by event. The first ten differences of each
kind are named, and all are counted; docs/operations.md says what repairs them.
The exit status is 0 only if they agree.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var differences error
			err := operation(cmd.Context(), a, func(o *ops.Ops) (verifyResult, error) {
				v, err := o.Verify(cmd.Context())
				differences = v.Err()
				return verifyResult{OK: v.OK(), Verification: v}, err
			}, func(w *page, r verifyResult) { w.println(r.Summary()) })
			if err == nil && differences != nil {
				err = &reportedError{fmt.Errorf("events, rows and Parquet differ:\n%w", differences)}
			}
			return err
		},
	}
}
