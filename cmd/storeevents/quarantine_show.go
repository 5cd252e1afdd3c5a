package main

import (
	"errors"
	"io"
	"slices"

	"github.com/spf13/cobra"

	"store-events/cmd/storeevents/page"
	"store-events/internal/printable"
	"store-events/ops"
)

func newQuarantineShow(a *app) *cobra.Command {
	var line int
	var raw bool
	cmd := &cobra.Command{
		Use:   "show OBJECT",
		Short: "Show the quarantined lines of an object",
		Long: `Show the quarantined lines of an event object, by its key, as s3://bucket/key, or by
the key of its quarantine object. With --raw only their bytes are written, each with
a line feed: a file to correct, and to load with
"storeevents quarantine replay --file". An entry can stand for several equal
lines; of an object with very many invalid lines, those that are not kept are only
counted.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if raw && a.output == "json" {
				return errors.New("--raw writes bytes, which are not JSON: omit --output json")
			}
			if raw && page.IsTerminal(a.out) {
				return errors.New("--raw may write control characters to the terminal: redirect it to a file")
			}
			o, err := a.operate(cmd.Context())
			if err != nil {
				return err
			}
			entries, err := o.QuarantineEntries(cmd.Context(), args[0], line)
			if err != nil {
				return err
			}
			if raw {
				return writeRaw(a.result(), entries)
			}
			return a.print(entries, func(w *page.Page) { writeEntries(w, entries) })
		},
	}
	cmd.Flags().IntVar(&line, "line", 0, "only the line with this number")
	cmd.Flags().BoolVar(&raw, "raw", false, "write the bytes of the lines unchanged")
	return cmd
}

func writeEntries(w *page.Page, entries []ops.QuarantineEntry) {
	for _, e := range entries {
		if e.Continues() {
			continue // Only --raw writes it.
		}
		w.Printf("%s line %d, version %s: %s\n", printable.Text(e.Object), e.Number, e.Version, printable.Text(e.Reason))
		if e.Lines > 0 {
			w.Printf("  (%d lines, the last one is line %d)\n", e.Lines, e.Last)
		}
		if e.Bytes > 0 {
			w.Printf("  (the first bytes of %d)\n", e.Bytes)
		}
		w.Printf("  %s\n", printable.Line(e.Line))
		if e.Explanation != "" {
			w.Printf("  (%s)\n", printable.Line(e.Explanation))
		}
		if e.InTable {
			w.Println("  (loaded since: the table has an event with this key)")
		}
	}
}

func writeRaw(w io.Writer, entries []ops.QuarantineEntry) error {
	for i, e := range entries {
		text := slices.Clone(e.Raw())
		if last := i+1 == len(entries) || !entries[i+1].Continues(); last {
			text = append(text, '\n')
		}
		if _, err := w.Write(text); err != nil {
			return err
		}
	}
	return nil
}
