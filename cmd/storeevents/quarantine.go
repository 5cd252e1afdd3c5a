package main

import (
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"store-events/ops"
)

func newQuarantine(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "quarantine",
		Short: "List, show and reload invalid lines",
		Long: `Invalid lines of event objects are kept in quarantine, each with
the reason, its object's version and its number there.`,
	}
	cmd.AddCommand(newQuarantineLs(a), newQuarantineShow(a), newReplay(a))
	return cmd
}

func newQuarantineLs(a *app) *cobra.Command {
	var f ops.QuarantineFilter
	cmd := &cobra.Command{
		Use:   "ls",
		Short: "List the objects with quarantined lines, with counts by reason",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := a.operate(cmd.Context())
			if err != nil {
				return err
			}
			objects, err := o.Quarantine(cmd.Context(), f)
			if err != nil {
				return err
			}
			return a.print(objects, func(w *page) { writeQuarantine(w, objects) })
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.Stream, "stream", "", "only of this stream, such as sale_events")
	flags.StringVar(&f.From, "from", "", "only from this day on, yyyy-mm-dd")
	flags.StringVar(&f.To, "to", "", "only up to this day")
	flags.StringVar(&f.Reason, "reason", "", "only lines with this reason; \"bad_field:\" is any bad field")
	return cmd
}

func writeQuarantine(w *page, objects []ops.QuarantinedObject) {
	var rows [][]string
	total := 0
	for _, o := range objects {
		var reasons []string
		for _, r := range slices.Sorted(maps.Keys(o.Reasons)) {
			reasons = append(reasons, fmt.Sprintf("%d %s", o.Reasons[r], r))
		}
		state := "current"
		if !o.Current {
			state = "no more in S3"
		}
		rows = append(rows, []string{o.Object, strconv.Itoa(o.Lines), strings.Join(reasons, ", "), state})
		total += o.Lines
	}
	writeTable(w, []string{"OBJECT", "LINES", "REASONS", "VERSION"}, rows)
	w.printf("%d lines of %d object versions in quarantine\n", total, len(objects))
}

func newQuarantineShow(a *app) *cobra.Command {
	var line int
	var raw bool
	cmd := &cobra.Command{
		Use:   "show OBJECT",
		Short: "Show the quarantined lines of an object",
		Long: `Show the quarantined lines of an event object, given as its key, as
s3://bucket/key, or as the key of its quarantine object. With --raw only their
bytes are written, each with a line feed: a file to fix and to load with
"storeevents quarantine replay --file". An entry can stand for several equal
lines; of an object with very many bad lines, those that are not kept are only
counted.`,
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := a.operate(cmd.Context())
			if err != nil {
				return err
			}
			entries, err := o.QuarantineEntries(cmd.Context(), args[0], line)
			if err != nil {
				return err
			}
			if raw && isTerminal(a.out) {
				return errors.New("--raw writes bytes that a terminal may act on: send them to a file")
			}
			if raw {
				return writeRaw(a.out, entries)
			}
			return a.print(entries, func(w *page) { writeEntries(w, entries) })
		},
	}
	cmd.Flags().IntVar(&line, "line", 0, "only the line with this number")
	cmd.Flags().BoolVar(&raw, "raw", false, "write the bytes of the lines unchanged")
	return cmd
}

func writeEntries(w *page, entries []ops.QuarantineEntry) {
	for _, e := range entries {
		if e.Part > 1 {
			continue // Only with --raw.
		}
		w.printf("%s line %d, version %s: %s\n", printable(e.Object), e.Number, e.Version, printable(e.Reason))
		if e.Lines > 0 {
			w.printf("  (%d lines, the last one is line %d)\n", e.Lines, e.Last)
		}
		if e.Bytes > 0 {
			w.printf("  (the first bytes of %d)\n", e.Bytes)
		}
		w.printf("  %s\n", oneLine(e.Line))
		if e.Explanation != "" {
			w.printf("  (%s)\n", oneLine(e.Explanation))
		}
		if e.InTable {
			w.println("  (loaded meanwhile: the table has an event with this key)")
		}
	}
}

func writeRaw(w io.Writer, entries []ops.QuarantineEntry) error {
	for i, e := range entries {
		text := slices.Clone(e.Raw())
		if last := i+1 == len(entries) || entries[i+1].Part < 2; last { // Parts of a line follow each other.
			text = append(text, '\n')
		}
		if _, err := w.Write(text); err != nil {
			return err
		}
	}
	return nil
}
