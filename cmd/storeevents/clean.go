package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"store-events/cmd/storeevents/page"
	"store-events/internal/plural"
	"store-events/ops"
)

// foreignFolder is a folder of the bucket that only the job should write to, and may contain foreign objects.
type foreignFolder struct {
	name, why string
	list      func(context.Context, *ops.Ops) ([]ops.ForeignObject, error)
}

func newClean(a *app, folder foreignFolder) *cobra.Command {
	var dryRun bool
	cmd := &cobra.Command{
		Use:   "clean",
		Short: fmt.Sprintf("Move objects that the job did not write from %s/ to foreign/%[1]s/", folder.name),
		Long: fmt.Sprintf(`%s

This command moves each such object to foreign/%s/, under the same key. Objects that
the job wrote are not changed.`, folder.why, folder.name),
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return operation(cmd.Context(), a, func(o *ops.Ops) ([]ops.ForeignObject, error) {
				found, err := folder.list(cmd.Context(), o)
				if err != nil || dryRun {
					return found, err
				}
				moved, err := o.MoveForeign(cmd.Context(), found)
				if err != nil {
					for _, f := range moved {
						a.progress("moved %s to %s", f.Key, f.MovedTo)
					}
				}
				return moved, err
			}, func(w *page.Page, found []ops.ForeignObject) { writeForeign(w, found, dryRun) })
		},
	}
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "only list the objects")
	return cmd
}

func writeForeign(w *page.Page, found []ops.ForeignObject, dryRun bool) {
	var rows [][]string
	for _, f := range found {
		effect := "skips it"
		if f.Read {
			effect = "reads it"
		}
		rows = append(rows, []string{f.Key, strconv.FormatInt(f.Size, 10), effect})
	}
	if len(rows) > 0 {
		w.Table([]string{"OBJECT", "BYTES", "ATHENA"}, rows)
	}
	if dryRun {
		w.Printf("%s not written by the job\n", plural.Count(len(found), "object"))
		return
	}
	w.Printf("%s moved to foreign/\n", plural.Count(len(found), "object"))
}
