package main

import (
	"context"

	"github.com/spf13/cobra"

	"store-events/ops"
)

func newCurated(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "curated",
		Short: "Find and move objects below curated/ that the job did not write",
	}
	cmd.AddCommand(newClean(a, foreignFolder{
		name: "curated",
		why: `Athena reads every object in the folders of the Parquet: an object that is not
Parquet makes all queries fail, and a Parquet object adds its rows to the results.`,
		list: func(ctx context.Context, o *ops.Ops) ([]ops.ForeignObject, error) { return o.ForeignInCurated(ctx) },
	}))
	return cmd
}
