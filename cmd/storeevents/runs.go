package main

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"store-events/ops"
)

func newRuns(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "runs",
		Short: "List the job's runs, and show what became of every object that a run considered",
	}
	cmd.AddCommand(newRunsLs(a), newRunsShow(a))
	return cmd
}

func newRunsLs(a *app) *cobra.Command {
	var limit int
	cmd := &cobra.Command{
		Use:   "ls",
		Short: "List the last runs",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if limit < 0 {
				return fmt.Errorf("--limit %d: must be a number of runs, or 0 for all", limit)
			}
			o, err := a.operate(cmd.Context())
			if err != nil {
				return err
			}
			runs, err := o.Runs(cmd.Context(), limit)
			if err != nil {
				return err
			}
			return a.print(runs, func(w *page) { writeRuns(w, runs) })
		},
	}
	cmd.Flags().IntVar(&limit, "limit", 20, "how many runs, the newest first; 0 for all")
	return cmd
}

func newRunsShow(a *app) *cobra.Command {
	var only string
	var limit int
	cmd := &cobra.Command{
		Use:   "show RUN",
		Short: "Show what a run found, and what became of each object",
		Long: `Show the manifest of a run, given as its number or as Glue's id of it: what the
run found, and each object version that it considered with what became of it.
Objects that were complete before the run began are only counted. Text shows the
first objects, JSON has all.`,
		Example: "  storeevents runs show 12 --only unread",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := ops.CheckOnly(only); err != nil {
				return err
			}
			o, err := a.operate(cmd.Context())
			if err != nil {
				return err
			}
			m, err := o.Manifest(cmd.Context(), args[0], only)
			if err != nil {
				return err
			}
			return a.print(m, func(w *page) { writeManifest(w, m, limit) })
		},
	}
	cmd.Flags().StringVar(&only, "only", "", "only objects with this outcome, such as loaded or archived; \"unread\" for all that could not be read")
	cmd.Flags().IntVar(&limit, "limit", 20, "how many objects the text shows; 0 for all")
	return cmd
}

func writeRuns(w *page, runs []ops.RunRecord) {
	var rows [][]string
	for _, r := range runs {
		took := "-"
		if r.Ended != "" {
			took = fmt.Sprintf("%.0f s", r.Seconds)
		}
		rows = append(rows, []string{
			strconv.Itoa(r.Number), r.Started, took, r.Outcome, strconv.Itoa(r.RowsNew),
			strconv.Itoa(r.RowsDuplicate), strconv.Itoa(r.RowsQuarantined), total(r.Unread), shortID(r.ID),
		})
	}
	writeTable(w, []string{"RUN", "STARTED (UTC)", "TOOK", "OUTCOME", "NEW", "THERE", "BAD", "UNREAD", "ID"}, rows)
}

// shortID is the beginning of a run's id: enough to find it in the console.
func shortID(id string) string {
	const most = 10
	if len(id) <= most {
		return id
	}
	return id[:most-1] + "…"
}

func total(counts map[string]int) string {
	n := 0
	for _, count := range counts {
		n += count
	}
	return strconv.Itoa(n)
}

// countsText is counts by name, as "2 archived, 1 gone".
func countsText(counts map[string]int) string {
	var texts []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		texts = append(texts, fmt.Sprintf("%d %s", counts[name], name))
	}
	return strings.Join(texts, ", ")
}

func writeManifest(w *page, m ops.RunManifest, limit int) {
	w.printf("run %d (%s) began %s, took %.1f s, and %s\n", m.RunNumber, m.RunID, m.Started, m.Seconds, m.Outcome)
	if m.Error != "" {
		w.printf("error: %s\n", m.Error)
	}
	w.printf("%d lines read: %d rows new, %d already there, %d quarantined\n", m.RowsRead, m.RowsNew, m.RowsDuplicate, m.RowsQuarantined)
	w.printf("%d objects were complete before", m.CompleteBefore)
	if len(m.Outcomes) > 0 {
		w.printf("; of the others: %s", countsText(m.Outcomes))
	}
	w.println()
	for _, f := range m.Findings {
		w.printf("finding: %s: %s: %s\n", f.Finding, f.About, f.Detail)
	}
	shown := m.Objects
	if limit > 0 {
		shown = shown[:min(limit, len(shown))]
	}
	if len(shown) == 0 {
		return
	}
	var rows [][]string
	for _, o := range shown {
		rows = append(rows, []string{o.Outcome, strconv.Itoa(o.Lines), strconv.Itoa(o.Quarantined), o.Object, o.Detail})
	}
	w.println()
	writeTable(w, []string{"OUTCOME", "LINES", "BAD", "OBJECT", "DETAIL"}, rows)
	if more := len(m.Objects) - len(shown); more > 0 {
		w.printf("and %d more: --limit 0 or --output json shows all\n", more)
	}
}
