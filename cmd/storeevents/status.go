package main

import (
	"github.com/spf13/cobra"

	"store-events/internal/plural"
	"store-events/ops"
)

func newStatus(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Show the state of every part of the stack, and the last runs of the job",
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return operation(cmd.Context(), a, func(o *ops.Ops) (ops.Status, error) { return o.Status(cmd.Context()) }, writeStatus)
		},
	}
}

func writeStatus(w *page, s ops.Status) {
	if s.Paused {
		w.printf("stack %s is paused: nothing is loaded until `storeevents resume --stack %[1]s`\n\n", s.Stack)
	}
	var rows [][]string
	for _, p := range s.Parts {
		rows = append(rows, []string{p.Kind, p.Name, p.State, p.Detail})
	}
	writeTable(w, []string{"PART", "NAME", "STATE", "DETAIL"}, rows)
	if len(s.Runs) == 0 {
		return
	}
	w.println()
	writeRuns(w, s.Runs)
	if last := s.Runs[0]; len(last.Unread) > 0 {
		w.printf("run %d could not read: %s; `storeevents runs show %[1]d --only unread` names them\n", last.Number, plural.ByName(last.Unread))
	}
}
