package main

import "github.com/spf13/cobra"

func newRuns(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "runs",
		Short: "List the job's runs, and show their logs and the outcome of every object",
	}
	cmd.AddCommand(newRunsLs(a), newRunsShow(a), newRunsLog(a))
	return cmd
}
