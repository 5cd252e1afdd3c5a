package main

import (
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"store-events/ops"
)

func newRun(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "run",
		Short: "Run the workflow: the crawler, then the job when the crawl succeeded",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := a.operate(cmd.Context())
			if err != nil {
				return err
			}
			r, err := o.RunWorkflow(cmd.Context())
			if err != nil {
				return err
			}
			return a.print(r, func(w *page) {
				var rows [][]string
				for _, s := range r.Steps {
					rows = append(rows, []string{s.Kind, s.Name, s.State, s.RunID})
				}
				writeTable(w, []string{"STEP", "NAME", "STATE", "RUN"}, rows)
				writeLoaded(w, r.RunID, r.Loaded, r.Seconds)
			})
		},
	}
}

func newStatus(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Show the state of every part of the stack, and the last runs of the job",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := a.operate(cmd.Context())
			if err != nil {
				return err
			}
			s, err := o.Status(cmd.Context())
			if err != nil {
				return err
			}
			return a.print(s, func(w *page) {
				var rows [][]string
				for _, p := range s.Parts {
					rows = append(rows, []string{p.Kind, p.Name, p.State, p.Detail})
				}
				writeTable(w, []string{"PART", "NAME", "STATE", "DETAIL"}, rows)
				if len(s.Runs) > 0 {
					w.println()
					writeRuns(w, s.Runs)
					if last := s.Runs[0]; len(last.Unread) > 0 {
						w.printf("run %d could not read: %s; `storeevents runs show %[1]d --only unread` names them\n", last.Number, countsText(last.Unread))
					}
				}
			})
		},
	}
}

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
Parquet and the quarantine, event by event. Every missing or surplus one is
named. The exit status is 0 only if they agree.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := a.operate(cmd.Context())
			if err != nil {
				return err
			}
			v, err := o.Verify(cmd.Context())
			if err != nil {
				return err
			}
			err = a.print(verifyResult{OK: v.OK(), Verification: v}, func(w *page) { w.println(v.Summary()) })
			if err != nil {
				return err
			}
			if v.Err() != nil {
				return &reportedError{fmt.Errorf("events, rows and Parquet differ:\n%w", v.Err())}
			}
			return nil
		},
	}
}

// reportedError is an error whose JSON document is printed already.
type reportedError struct{ error }

func (e *reportedError) Unwrap() error { return e.error }

func reported(err error) bool {
	var r *reportedError
	return errors.As(err, &r)
}
