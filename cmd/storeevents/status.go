package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"store-events/cmd/storeevents/page"
	"store-events/internal/plural"
	"store-events/ops"
)

func newStatus(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "status",
		Short: "Show the state of every part of the stack, and the last runs of the job",
		Long: `Show the state of every part of the stack, and the last runs of the job. The exit
status is 0 only if every part responds; the details of a part in the state "error" are
the reason. A failed run does not change the exit status.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := a.operate(cmd.Context())
			if err != nil {
				return err
			}
			s, err := o.Status(cmd.Context())
			if err != nil {
				return err
			}
			return a.reportStatus(s)
		},
	}
}

// reportStatus prints the status, and returns an error if a part did not respond.
func (a *app) reportStatus(s ops.Status) error {
	if err := a.print(s, func(w *page.Page) { writeStatus(w, s) }); err != nil {
		return err
	}
	if err := s.Err(); err != nil {
		return &reportedError{fmt.Errorf("parts of stack %s do not respond:\n%w", s.Stack, err)}
	}
	return nil
}

func writeStatus(w *page.Page, s ops.Status) {
	if s.Paused {
		w.Printf("stack %s is paused: nothing is loaded until `storeevents resume --stack %[1]s`\n\n", s.Stack)
	}
	var rows [][]string
	for _, p := range s.Parts {
		rows = append(rows, []string{p.Kind, p.Name, p.State, p.Detail})
	}
	w.Table([]string{"PART", "NAME", "STATE", "DETAIL"}, rows)
	if len(s.Runs) == 0 {
		return
	}
	w.Println()
	writeRuns(w, s.Runs)
	if last := s.Runs[0]; len(last.Unread) > 0 {
		w.Printf("run %d could not read: %s; `storeevents runs show %[1]d --only unread --stack %[3]s` lists them\n", last.Number, plural.ByName(last.Unread), s.Stack)
	}
}
