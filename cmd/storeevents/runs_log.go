package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"store-events/cmd/storeevents/page"
	"store-events/ops"
)

func newRunsLog(a *app) *cobra.Command {
	var tail int
	cmd := &cobra.Command{
		Use:   "log [RUN]",
		Short: "Show the log of a run",
		Long: `Show the CloudWatch log of a run, by its number or Glue's ID. Without RUN, show the
last run, even one that failed too early to get a number.`,
		Example: "  storeevents runs log 12 --tail 50",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if tail < 0 {
				return fmt.Errorf("--tail %d: must be a number of lines, or 0 for all", tail)
			}
			run := ""
			if len(args) > 0 {
				run = args[0]
			}
			return operation(cmd.Context(), a, func(o *ops.Ops) (ops.RunLog, error) { return o.RunLog(cmd.Context(), run, tail) },
				func(w *page.Page, l ops.RunLog) {
					for _, line := range l.Lines {
						w.Println(line)
					}
				})
		},
	}
	cmd.Flags().IntVar(&tail, "tail", 0, "number of lines from the end; 0 for all")
	return cmd
}
