package main

import (
	"context"

	"github.com/spf13/cobra"

	"store-events/ops"
)

func newQuarantine(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "quarantine",
		Short: "List, show and replay invalid lines",
		Long: `The job stores the invalid lines of event objects in quarantine, each with the
reason, the version of its object and its line number.`,
	}
	cmd.AddCommand(newQuarantineLs(a), newQuarantineShow(a), newQuarantineReplay(a), newClean(a, foreignFolder{
		name: "quarantine",
		why: `Commands skip objects below quarantine/ that the job did not write, and verify
reports them each time.`,
		list: func(ctx context.Context, o *ops.Ops) ([]ops.ForeignObject, error) { return o.ForeignInQuarantine(ctx) },
	}))
	return cmd
}
