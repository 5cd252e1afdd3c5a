package main

import (
	"strconv"

	"github.com/spf13/cobra"

	"store-events/ops"
)

func newCurated(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "curated",
		Short: "Find and move away what the job did not write below curated/",
	}
	var dryRun bool
	clean := &cobra.Command{
		Use:   "clean",
		Short: "Move objects that are not the job's from curated/ to foreign/curated/",
		Long: `Athena reads every object in the folders of the Parquet: one that is not Parquet
makes all queries fail, and one that is adds its rows. This moves each object
below curated/ whose key is not of the job's form to foreign/curated/, under the
same key. What the job wrote is never touched.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := a.operate(cmd.Context())
			if err != nil {
				return err
			}
			found, err := o.CleanCurated(cmd.Context(), dryRun)
			if err != nil {
				for _, f := range found {
					a.progress("moved %s to %s", f.Key, f.MovedTo)
				}
				return err
			}
			return a.print(found, func(w *page) { writeForeign(w, found, dryRun) })
		},
	}
	clean.Flags().BoolVar(&dryRun, "dry-run", false, "only list the objects")
	cmd.AddCommand(clean)
	return cmd
}

func writeForeign(w *page, found []ops.ForeignObject, dryRun bool) {
	var rows [][]string
	for _, f := range found {
		reads := "passes over it"
		if f.Read {
			reads = "reads it"
		}
		rows = append(rows, []string{f.Key, strconv.FormatInt(f.Size, 10), reads})
	}
	if len(rows) > 0 {
		writeTable(w, []string{"OBJECT", "BYTES", "ATHENA"}, rows)
	}
	if dryRun {
		w.printf("%d objects are not the job's\n", len(found))
		return
	}
	w.printf("%d objects moved to foreign/\n", len(found))
}
