package main

import (
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"store-events/cmd/storeevents/page"
	"store-events/internal/plural"
	"store-events/ops"
)

func newQuarantineLs(a *app) *cobra.Command {
	var f ops.QuarantineFilter
	cmd := &cobra.Command{
		Use:   "ls",
		Short: "List the objects with quarantined lines, with counts by reason",
		Long: `List the objects with quarantined lines, with counts by reason. The column IN
TABLE counts the lines whose key is in the table now, for example after corrected
lines were loaded. It does not count lines without a readable key.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return operation(cmd.Context(), a, func(o *ops.Ops) ([]ops.QuarantinedObject, error) { return o.Quarantine(cmd.Context(), f) }, writeQuarantine)
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.Stream, "stream", "", "only this stream, such as sale_events")
	flags.StringVar(&f.From, "from", "", "first day, yyyy-mm-dd")
	flags.StringVar(&f.To, "to", "", "last day, yyyy-mm-dd")
	flags.StringVar(&f.Reason, "reason", "", "only lines with this reason; \"bad_field:\" is any invalid field")
	return cmd
}

func writeQuarantine(w *page.Page, objects []ops.QuarantinedObject) {
	var rows [][]string
	lines, inTable := 0, 0
	for _, o := range objects {
		version := "current"
		if !o.Current {
			version = "no longer in S3"
		}
		rows = append(rows, []string{o.Object, strconv.Itoa(o.Lines), strconv.Itoa(o.InTable), plural.ByName(o.Reasons), version})
		lines += o.Lines
		inTable += o.InTable
	}
	w.Table([]string{"OBJECT", "LINES", "IN TABLE", "REASONS", "VERSION"}, rows)
	text := fmt.Sprintf("%s of %s in quarantine", plural.Count(lines, "line"), plural.Count(len(objects), "object version"))
	if inTable > 0 {
		text += fmt.Sprintf(", %d of them with an event in the table now", inTable)
	}
	w.Println(text)
}
