package main

import (
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"store-events/cmd/storeevents/page"
	"store-events/ops"
)

func newRunsLs(a *app) *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use:   "ls",
		Short: "List the last runs",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if limit < 0 {
				return fmt.Errorf("--limit %d: must be a number of runs, or 0 for all", limit)
			}
			return operation(cmd.Context(), a, func(o *ops.Ops) ([]ops.RunRecord, error) { return o.Runs(cmd.Context(), limit) }, writeRuns)
		},
	}
	cmd.Flags().IntVar(&limit, "limit", 20, "number of runs, the newest first; 0 for all")
	return cmd
}

// minute is the length of a time without seconds, so that a row fits into 80 columns.
const minute = len("2026-05-01 10:20")

func writeRuns(w *page.Page, runs []ops.RunRecord) {
	var rows [][]string
	for _, r := range runs {
		took := "-"
		if r.Ended != "" {
			took = fmt.Sprintf("%.0f s", r.Seconds)
		}
		unread := 0
		for _, n := range r.Unread {
			unread += n
		}
		rows = append(rows, []string{
			strconv.Itoa(r.Number), r.Started[:min(len(r.Started), minute)], took, r.Outcome, strconv.Itoa(r.RowsNew),
			strconv.Itoa(r.RowsDuplicate), strconv.Itoa(r.RowsQuarantined), strconv.Itoa(unread), shortID(r.ID),
		})
	}
	w.Table([]string{"RUN", "STARTED (UTC)", "TOOK", "OUTCOME", "NEW", "THERE", "INVALID", "UNREAD", "ID"}, rows)
}

// shortID returns the beginning of a run's ID without the common prefix: enough to find it in the console.
func shortID(id string) string {
	const width = 7
	id = strings.TrimPrefix(id, "jr_")
	if len(id) <= width {
		return id
	}
	return id[:width-1] + "…"
}
