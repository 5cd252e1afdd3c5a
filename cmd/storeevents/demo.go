package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"store-events/cmd/storeevents/page"
	"store-events/deploy"
	"store-events/ops"
)

// demoStage is one step of the demo, with its result in a few words and its duration.
type demoStage struct {
	Stage   string  `json:"stage"`
	Result  string  `json:"result"`
	Seconds float64 `json:"seconds"`
}

// demoResult is what `demo` prints.
type demoResult struct {
	Stack  string      `json:"stack"`
	Stages []demoStage `json:"stages"`
	// Database is the product and release of the database server.
	Database string           `json:"database"`
	Arrived  demoArrived      `json:"arrived"`
	Verify   ops.Verification `json:"verify"`
	Seconds  float64          `json:"seconds"`
	// Invalid is the key of the object with the invalid line.
	Invalid string `json:"invalid"`
	// Endpoint is the stack's, "" on AWS.
	Endpoint string `json:"endpoint,omitempty"`
}

// demoArrived counts what arrived in each place.
type demoArrived struct {
	EventsProduced int `json:"events_produced"`
	// RowsNew and QuarantinedNew are from this demo's runs; the other counts cover
	// the whole stack, including earlier demos.
	RowsNew        int `json:"rows_new"`
	QuarantinedNew int `json:"quarantined_new"`
	Objects        int `json:"objects"`
	CatalogTables  int `json:"catalog_tables"`
	Rows           int `json:"rows"`
	ParquetRows    int `json:"parquet_rows"`
	Quarantined    int `json:"quarantined"`
}

func newDemo(a *app) *cobra.Command {
	var events int
	var yes bool
	cmd := &cobra.Command{
		Use:   "demo",
		Short: "Deploy the stack and run the whole pipeline on it, twice",
		Long: `Deploy the stack, then produce events, crawl, ingest, query MySQL and the
Parquet through Athena, produce and ingest once more, this time with one invalid
line, and verify that every event is in the table and in the Parquet exactly once
and the invalid line in quarantine.

The sample events and the invalid line are kept in the stack's bucket and table. On AWS,
where they and the deployment cost money, the command needs --yes.` + stopsItsRun,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := a.refuseDemoOnAWS(yes); err != nil {
				return err
			}
			r, err := a.demo(cmd.Context(), events)
			if err != nil {
				return err
			}
			options := sameStack(cmd, r.Stack)
			return a.print(r, func(w *page.Page) { writeDemo(w, r, options) })
		},
	}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "write sample events into a stack on AWS too")
	cmd.Flags().IntVar(&events, "events", 0, "events of each of the two rounds (0: as many as the producer creates in its default time)")
	return cmd
}

// refuseDemoOnAWS keeps sample events out of a stack that may have real ones.
func (a *app) refuseDemoOnAWS(yes bool) error {
	endpoint, err := a.endpoint()
	if err != nil || endpoint != "" || yes {
		return err
	}
	return fmt.Errorf("the demo would deploy stack %s on AWS and leave sample events and an invalid line in it; nothing was done (use --yes to allow it)", a.stack)
}

// demo runs the stages in order, and stops at the first failure.
type demo struct {
	app    *app
	ops    *ops.Ops
	events int
	result demoResult
}

func (a *app) demo(ctx context.Context, events int) (demoResult, error) {
	start := time.Now()
	if cfg, err := a.checkConfig(); err != nil {
		return demoResult{}, err
	} else if cfg.Common.Paused { // Events would be produced, and nothing could load them.
		return demoResult{}, ops.ErrPaused
	}
	d := &demo{app: a, events: events, result: demoResult{Stack: a.stack}}
	for _, s := range []struct {
		name string
		run  func(context.Context) (string, error)
	}{
		{"deploy", d.deploy},
		{"produce", d.produce},
		{"crawl", d.crawl},
		{"ingest", d.ingest},
		{"query the database", d.query},
		{"query Parquet (Athena)", d.athena},
		{"produce again", d.produce},
		{"store an invalid line", d.storeInvalidLine},
		{"ingest the increment", d.ingest},
		{"verify", d.verify},
	} {
		if err := d.stage(ctx, s.name, s.run); err != nil {
			return d.result, fmt.Errorf("%s: %w", s.name, err)
		}
	}
	d.result.Seconds = seconds(time.Since(start))
	return d.result, nil
}

func (d *demo) stage(ctx context.Context, name string, run func(context.Context) (string, error)) error {
	d.app.progress("%s ...", name)
	start := time.Now()
	result, err := run(ctx)
	if err != nil {
		return err
	}
	s := demoStage{Stage: name, Result: result, Seconds: seconds(time.Since(start))}
	d.result.Stages = append(d.result.Stages, s)
	d.app.progress("%s: %s (%.1f s)", s.Stage, s.Result, s.Seconds)
	return nil
}

func writeDemo(w *page.Page, r demoResult, options string) {
	var rows [][]string
	for _, s := range r.Stages {
		rows = append(rows, []string{s.Stage, s.Result, fmt.Sprintf("%.1f", s.Seconds)})
	}
	w.Table([]string{"STAGE", "RESULT", "SECONDS"}, rows)
	n := r.Arrived
	w.Println()
	w.Table([]string{"WHAT ARRIVED", "THIS DEMO", "IN ALL"}, [][]string{
		{"events produced", strconv.Itoa(n.EventsProduced), ""},
		{"rows in " + r.Database, strconv.Itoa(n.RowsNew), strconv.Itoa(n.Rows)},
		{"rows in Parquet", "", strconv.Itoa(n.ParquetRows)},
		{"lines quarantined", strconv.Itoa(n.QuarantinedNew), strconv.Itoa(n.Quarantined)},
		{"objects in S3", "", strconv.Itoa(n.Objects)},
		{"catalog tables", "", strconv.Itoa(n.CatalogTables)},
	})
	w.Printf("\n%s, in %.1f s\n", r.Verify.Summary(), r.Seconds)
	writeNext(w, r, options)
}

// sameStack returns the flags with which other commands operate the same stack: without --state, `down` would
// remove another one.
func sameStack(cmd *cobra.Command, stack string) string {
	options := ""
	if stack != deploy.LocalStack {
		options = " --stack " + stack
	}
	add := func(name, value string) {
		options += " --" + name + " " + shellQuoted(value)
	}
	for _, name := range []string{"project", "state", "port"} {
		if f := cmd.Flags().Lookup(name); f != nil && f.Changed {
			add(name, f.Value.String())
		}
	}
	if given, err := cmd.Flags().GetStringArray("config"); err == nil {
		for _, item := range given {
			add("config", item)
		}
	}
	return options
}

// writeNext suggests commands to try next, and how to remove the stack.
func writeNext(w *page.Page, r demoResult, options string) {
	where := "on AWS"
	if r.Endpoint != "" {
		where = "at " + r.Endpoint
	}
	w.Printf("\nThe stack still runs %s. Next:\n", where)
	for _, next := range []string{
		"bin/storeevents athena" + options + " sales-by-store",
		"bin/storeevents quarantine" + options + " show " + r.Invalid,
		"bin/storeevents runs" + options + " show 1",
		`eval "$(bin/storeevents local env` + options + `)"   # for any AWS client`,
	} {
		if r.Endpoint != "" || !strings.HasPrefix(next, "eval") {
			w.Printf("  %s\n", next)
		}
	}
	w.Printf("Remove it: bin/storeevents down%s\n", options)
}
