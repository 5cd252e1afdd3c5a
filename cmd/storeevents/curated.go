package main

import (
	"context"

	"github.com/spf13/cobra"

	"store-events/ops"
)

func newCurated(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "curated",
		Short: "Find and move away what the job did not write below curated/",
	}
	cmd.AddCommand(newClean(a, foreignFolder{
		name: "curated",
		why: `Athena reads every object in the folders of the Parquet: one that is not Parquet
makes all queries fail, and one that is adds its rows.`,
		list: func(ctx context.Context, o *ops.Ops) ([]ops.ForeignObject, error) { return o.ForeignInCurated(ctx) },
	}))
	return cmd
}
