package main

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"store-events/cmd/storeevents/page"
	"store-events/internal/plural"
	"store-events/ops"
)

func newRunsShow(a *app) *cobra.Command {
	var only string
	var limit int
	cmd := &cobra.Command{
		Use:   "show RUN",
		Short: "Show the findings of a run, and the outcome of each object",
		Long: `Show the manifest of a run, by its number or Glue's ID: its findings, and each object
version that it considered, with the outcome.
Objects that were complete before the run began are only counted. Text shows the
first objects, JSON has all.`,
		Example: "  storeevents runs show 12 --only unread",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if err := ops.CheckOnly(only); err != nil {
				return err
			}
			if limit < 0 {
				return fmt.Errorf("--limit %d: must be a number of objects, or 0 for all", limit)
			}
			return operation(cmd.Context(), a, func(o *ops.Ops) (ops.RunManifest, error) { return o.Manifest(cmd.Context(), args[0], only) },
				func(w *page.Page, m ops.RunManifest) { writeManifest(w, m, limit) })
		},
	}
	cmd.Flags().StringVar(&only, "only", "", "only objects with this outcome, such as loaded or archived; \"unread\" for all that could not be read")
	cmd.Flags().IntVar(&limit, "limit", 20, "number of objects in the text; 0 for all")
	return cmd
}

func writeManifest(w *page.Page, m ops.RunManifest, limit int) {
	w.Printf("run %d (%s) began %s, took %.1f s, and %s\n", m.RunNumber, m.RunID, m.Started, m.Seconds, m.Outcome)
	if m.Error != "" {
		w.Printf("error: %s\n", m.Error)
	}
	w.Printf("%s read: %s new, %d already there, %d quarantined\n",
		plural.Count(m.RowsRead, "line"), plural.Count(m.RowsNew, "row"), m.RowsDuplicate, m.RowsQuarantined)
	if m.Listing != "" {
		w.Printf("listing: %s\n", m.Listing)
	}
	w.Printf("%s complete before", plural.Count(m.CompleteBefore, "object"))
	if len(m.Outcomes) > 0 {
		w.Printf("; of the others: %s", plural.ByName(m.Outcomes))
	}
	w.Println()
	for _, f := range m.Findings {
		w.Printf("finding: %s: %s: %s\n", f.Finding, f.About, f.Detail)
	}
	writeExpectations(w, m.Expectations)
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
	w.Println()
	w.Table([]string{"OUTCOME", "LINES", "INVALID", "OBJECT", "DETAIL"}, rows)
	if more := len(m.Objects) - len(shown); more > 0 {
		w.Printf("and %d more: --limit 0 or --output json shows all\n", more)
	}
}

// writeExpectations writes the number of met expectations, and lists the others.
func writeExpectations(w *page.Page, all []ops.RunExpectation) {
	if len(all) == 0 {
		return
	}
	met := 0
	for _, e := range all {
		if e.Outcome == "met" {
			met++
		}
	}
	w.Printf("%d of %s met\n", met, plural.Count(len(all), "expectation"))
	for _, e := range all {
		if e.Outcome != "met" {
			w.Printf("not met: %s %s: expected %s, found %s\n", e.About, e.Expectation, e.Expected, e.Observed)
		}
	}
}
