package main

import (
	"context"
	"errors"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"store-events/cmd/storeevents/page"
	"store-events/internal/plural"
	"store-events/ops"
)

func newQuarantineReplay(a *app) *cobra.Command {
	var file string
	var r ops.ReplayFileRequest
	cmd := &cobra.Command{
		Use:   "replay",
		Short: "Load quarantined lines: read their objects again, or a file of corrected lines",
		Long: `Without --file the job reads the objects with quarantined lines again, for example
because a new contract or job accepts them: lines that are now valid are loaded once
and removed from the quarantine.

With --file the corrected lines in the file are loaded. All are checked
first, and none is loaded if one is invalid. They are stored as new event
objects, by event_type and the day of ts, under names derived from their
contents: a repeat changes nothing. The invalid lines stay in quarantine.` + stopsItsRun,
		Example: `  storeevents quarantine show sale_events/dt=2026-05-01/events-1.json --raw > fixed.jsonl
  storeevents quarantine replay --file fixed.jsonl`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if file != "" {
				return a.replayFile(cmd.Context(), file, r)
			}
			if cmd.Flags().Changed("file") { // Such as an unset variable of a script.
				return errors.New("--file: must be the name of a file")
			}
			if r.Stream != "" || r.Day != "" {
				return errors.New("--stream and --day are for the corrected lines of --file: without it, all objects with quarantined lines are read again")
			}
			return operation(cmd.Context(), a, func(o *ops.Ops) (ops.ReplayResult, error) { return o.Replay(cmd.Context()) }, writeReplay)
		},
	}
	f := cmd.Flags()
	f.StringVar(&file, "file", "", "file of corrected lines, plain or compressed")
	f.StringVar(&r.Stream, "stream", "", "stream of events without an event_type")
	f.StringVar(&r.Day, "day", "", "day of events without a ts, yyyy-mm-dd")
	return cmd
}

func writeReplay(w *page.Page, r ops.ReplayResult) {
	w.Printf("%s of %s read again: %d loaded, %d stay in quarantine (%.1f s)\n",
		plural.Count(r.Lines, "line"), plural.Count(r.Objects, "object"), r.Loaded, r.Stay, r.Seconds)
	if r.Gone > 0 {
		w.Printf("%s of objects that are no longer in S3\n", plural.Count(r.Gone, "line"))
	}
}

func (a *app) replayFile(ctx context.Context, name string, r ops.ReplayFileRequest) error {
	file, err := os.Open(name) //nolint:gosec // The user names it.
	if err != nil {
		return fmt.Errorf("--file: %w", err)
	}
	defer func() { _ = file.Close() }()
	r.File = file
	return operation(ctx, a, func(o *ops.Ops) (ops.ReplayFileResult, error) {
		result, err := o.ReplayFile(ctx, r)
		if err != nil {
			err = fmt.Errorf("%s: %w", name, err)
		}
		return result, err
	}, writeReplayFile)
}

func writeReplayFile(w *page.Page, r ops.ReplayFileResult) {
	w.Printf("%s: %s new, %d already there (%.1f s)\n", plural.Count(r.Events, "event"), plural.Count(r.New, "row"), r.There, r.Seconds)
	for _, key := range r.Objects {
		w.Printf("  %s\n", key)
	}
}
