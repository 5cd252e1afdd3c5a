package main

import (
	"github.com/spf13/cobra"

	"store-events/cmd/storeevents/page"
	"store-events/ops"
)

func newRun(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "run",
		Short: "Run the crawler, then the workflow, which runs the job",
		Long: "Run the crawler, then the workflow, which runs the job, and wait until it has finished.\n" +
			"If the crawl fails, the job still loads the events, and the command fails at its end." + stopsItsRun,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return operation(cmd.Context(), a, func(o *ops.Ops) (ops.WorkflowResult, error) { return o.CrawlAndLoad(cmd.Context()) }, writeWorkflow)
		},
	}
}

func writeWorkflow(w *page.Page, r ops.WorkflowResult) {
	var rows [][]string
	for _, s := range r.Steps {
		rows = append(rows, []string{s.Kind, s.Name, s.State, s.RunID})
	}
	w.Table([]string{"STEP", "NAME", "STATE", "RUN"}, rows)
	writeLoaded(w, r.RunID, r.Loaded, r.Seconds)
}
