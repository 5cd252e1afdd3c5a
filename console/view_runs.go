package console

import (
	"context"
	"net/http"
	"slices"
	"strconv"

	"store-events/ops"
)

const (
	runsOnPage    = 50
	objectsOnPage = 100
	logLines      = 200
)

// runRow is a run in a table.
type runRow struct {
	ops.RunRecord
	Balance balance
	Tone    tone
}

func runRows(runs []ops.RunRecord) []runRow {
	rows := make([]runRow, len(runs))
	for i, r := range runs {
		rows[i] = runRow{r, newBalance(r), runTone(r.Outcome)}
	}
	return rows
}

// runsData is a page of the list of runs.
type runsData struct {
	Rows  []runRow
	Chart bars
	Total int
	// Before is the number below which this page begins, 0 for the newest runs. Older
	// is the next page's, 0 if this is the last page.
	Before, Older int
	// Job is the job's last run as Glue reports it, because runs that have not begun
	// to load are not in the ledger.
	Job *ops.Part
}

func (c *Console) runs(r *http.Request) (pageContent, error) {
	s := pageContent{template: "runs", nav: "runs", title: "Runs", live: true}
	before, err := number(r, "before")
	if err != nil {
		return s, err
	}
	page, err := c.Source.RunsBefore(r.Context(), before, runsOnPage)
	if err != nil {
		return s, err
	}
	d := newRuns(page, before)
	status, err := c.status.get(r.Context())
	if err != nil {
		return s, err
	}
	if i := slices.IndexFunc(status.Parts, func(p ops.Part) bool { return p.Kind == "job" }); i >= 0 {
		d.Job = &status.Parts[i]
	}
	s.data, s.live = d, before == 0
	return s, nil
}

func newRuns(page ops.RunsPage, before int) runsData {
	d := runsData{Rows: runRows(page.Runs), Chart: newBars(page.Runs), Total: page.Total, Before: before}
	if n := len(page.Runs); n == runsOnPage && page.Runs[n-1].Number > 1 {
		d.Older = page.Runs[n-1].Number
	}
	return d
}

// runData is one run.
type runData struct {
	runRow
	// Manifest contains the run's objects; NoManifest is the reason why it is missing.
	Manifest   *ops.RunManifest
	NoManifest string
	Outcomes   []namedCount
	Objects    []ops.ManifestObject // The current page of the selected ones.
	Only       string
	Chosen     int
	After      int
	Previous   int // Offsets of the other pages, -1 for none.
	Next       int
	Job        *ops.JobRun
	NoJob      string
	LogText    string
}

func (c *Console) run(r *http.Request) (pageContent, error) {
	s := pageContent{template: "run", nav: "runs", title: "Run " + r.PathValue("run")}
	n, err := strconv.Atoi(r.PathValue("run"))
	if err != nil {
		return c.jobRun(r.Context(), r.PathValue("run"))
	}
	after, err := number(r, "after")
	if err != nil {
		return s, err
	}
	only := r.URL.Query().Get("only")
	if err := ops.CheckOnly(only); err != nil {
		return s, inputError{err}
	}
	d, err := c.readRun(r.Context(), n, only)
	if err != nil {
		return s, err
	}
	d.page(after)
	s.data, s.live = d, d.Outcome == ops.RunUnderWay
	return s, nil
}

func (c *Console) readRun(ctx context.Context, n int, only string) (*runData, error) {
	run, err := c.Source.Run(ctx, n)
	if err != nil {
		return nil, err
	}
	d := &runData{Only: only}
	if run.Outcome != ops.RunUnderWay {
		// A run that died has no manifest.
		manifest, err := c.Source.Manifest(ctx, run.ID, only)
		if err != nil {
			d.NoManifest = err.Error()
		} else {
			d.Manifest, run.Unread = &manifest, manifest.Unread
			d.Outcomes = sortedCounts(manifest.Outcomes)
		}
	}
	d.runRow = runRows([]ops.RunRecord{run})[0]
	job, err := c.Source.JobRun(ctx, run.ID, logLines)
	if err != nil { // Glue deletes old runs; the ledger does not.
		d.NoJob = err.Error()
		return d, nil
	}
	d.setJob(job)
	return d, nil
}

// jobRun shows a run by Glue's ID, because runs that failed early are not in the ledger.
func (c *Console) jobRun(ctx context.Context, id string) (pageContent, error) {
	s := pageContent{template: "job", nav: "runs", title: "Job run"}
	job, err := c.Source.JobRun(ctx, id, logLines)
	if err != nil {
		return s, err
	}
	d := runData{}
	d.setJob(job)
	s.data, s.live = d, runTone(job.State) == busy
	return s, nil
}

func (d *runData) setJob(job ops.JobRun) {
	d.Job = &job
	for _, line := range job.Log {
		d.LogText += line + "\n"
	}
}

// page selects the page of objects that begins at offset after.
func (d *runData) page(after int) {
	if d.Manifest == nil {
		d.Previous, d.Next = -1, -1
		return
	}
	all := d.Manifest.Objects
	d.Chosen, d.After = len(all), min(after, len(all))
	end := min(d.After+objectsOnPage, len(all))
	d.Objects = all[d.After:end]
	d.Previous, d.Next = offsets(d.After, objectsOnPage, len(all))
}

// offsets returns the offsets of the previous and the next page; -1 for none.
func offsets(after, size, total int) (previous, next int) {
	previous, next = -1, -1
	if after > 0 {
		previous = max(after-size, 0)
	}
	if after+size < total {
		next = after + size
	}
	return previous, next
}
