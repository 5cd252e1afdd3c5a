package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"store-events/cmd/storeevents/page"
	"store-events/console"
	"store-events/internal/atomicfile"
	"store-events/internal/plural"
)

func newReport(a *app) *cobra.Command {
	var run int
	var file string
	cmd := &cobra.Command{
		Use:   "report",
		Short: "Write the console's overviews as one HTML file",
		Long: `Write the state of the stack as the web console shows it to a single HTML file: the
overview, the last 100 runs, the last 200 object versions of the quarantine, the catalog,
the policies and the cost. With --run, write one run with its findings, expectations and up
to 1,000 objects. The file needs neither network nor scripts, so it can be archived or sent.`,
		Example: "  storeevents report --run 12 --file run-12.html",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if file == "" {
				return errors.New("--file: must be the name of the file to write, such as report.html")
			}
			if cmd.Flags().Changed("run") && run < 1 {
				return fmt.Errorf("--run %d: must be the number of a run: `storeevents runs ls --stack %s` lists them", run, a.stack)
			}
			return a.report(cmd.Context(), run, file)
		},
	}
	cmd.Flags().IntVar(&run, "run", 0, "number of the run to report; without it the whole state")
	cmd.Flags().StringVar(&file, "file", "", "file to write; an existing file is replaced")
	return cmd
}

func (a *app) report(ctx context.Context, run int, file string) error {
	c, err := a.console(ctx)
	if err != nil {
		return err
	}
	a.progress("reading the stack %s ...", a.stack)
	html, r, err := c.Write(ctx, run)
	if err != nil {
		return err
	}
	r.File = file
	if err := replaceFile(file, html); err != nil {
		return fmt.Errorf("--file %s: %w", file, err)
	}
	return a.print(r, func(w *page.Page) { writeReport(w, r) })
}

func writeReport(w *page.Page, r console.Report) {
	covers := fmt.Sprintf("run %d with %s", r.Run, plural.Count(r.Objects, "object"))
	if r.Run == 0 {
		covers = fmt.Sprintf("%s, %s, %s with quarantined lines", plural.Count(r.Parts, "part"), plural.Count(r.Runs, "run"), plural.Count(r.Quarantined, "object version"))
	}
	w.Printf("%s: stack %s, %s (%d KiB)\n", r.File, r.Stack, covers, r.Bytes>>10)
}

// replaceFile replaces a report. Only its owner may read it, because it contains keys and quarantined lines.
func replaceFile(name string, content []byte) error { return atomicfile.Write(name, content, 0o600) }
