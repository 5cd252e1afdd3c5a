package main

import "github.com/spf13/cobra"

func newRuns(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "runs",
		Short: "List the job's runs, and show what became of every object that a run considered",
	}
	cmd.AddCommand(newRunsLs(a), newRunsShow(a))
	return cmd
}
