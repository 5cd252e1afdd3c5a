package main

import (
	"context"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"store-events/ops"
)

func newReplay(a *app) *cobra.Command {
	var file string
	var m ops.MendRequest
	cmd := &cobra.Command{
		Use:   "replay",
		Short: "Load quarantined lines: read their objects again, or a file of corrected lines",
		Long: `Without --file the job reads the objects with quarantined lines again, which
helps once a new contract or job accepts them: lines that are valid now are
loaded once and leave the quarantine.

With --file the corrected lines in the file are loaded. All are checked
first, and none is loaded if one is invalid. They are stored as new event
objects, by event_type and the day of ts, under names derived from their
contents: a repeat changes nothing. The lines in quarantine stay there for the record.`,
		Example: `  storeevents quarantine show sale_events/dt=2026-05-01/events-1.json --raw > fixed.jsonl
  storeevents quarantine replay --file fixed.jsonl`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if file == "" {
				return a.replay(cmd.Context())
			}
			return a.mend(cmd.Context(), file, m)
		},
	}
	f := cmd.Flags()
	f.StringVar(&file, "file", "", "file of corrected lines, plain or gzip")
	f.StringVar(&m.Stream, "stream", "", "stream of events without an event_type")
	f.StringVar(&m.Day, "day", "", "day of events without a ts, yyyy-mm-dd")
	return cmd
}

func (a *app) replay(ctx context.Context) error {
	o, err := a.operate(ctx)
	if err != nil {
		return err
	}
	r, err := o.Replay(ctx)
	if err != nil {
		return err
	}
	return a.print(r, func(w *page) {
		w.printf("%d lines of %d objects read again: %d loaded, %d stay in quarantine (%.1f s)\n",
			r.Lines, r.Objects, r.Loaded, r.Stay, r.Seconds)
		if r.Gone > 0 {
			w.printf("%d lines are of objects that S3 has no more\n", r.Gone)
		}
	})
}

func (a *app) mend(ctx context.Context, name string, m ops.MendRequest) error {
	file, err := os.Open(name) //nolint:gosec // The user's own.
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	o, err := a.operate(ctx)
	if err != nil {
		return err
	}
	m.File = file
	r, err := o.Mend(ctx, m)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return a.print(r, func(w *page) {
		w.printf("%d events: %d rows new, %d already there (%.1f s)\n", r.Events, r.New, r.There, r.Seconds)
		for _, key := range r.Objects {
			w.printf("  %s\n", key)
		}
	})
}
