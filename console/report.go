package console

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"strings"
	"time"

	"store-events/ops"
)

// Limits of a report.
const (
	reportedRuns     = 100
	reportedVersions = 200
	reportedObjects  = 1000
)

// Report describes the contents of a report's file.
type Report struct {
	File  string `json:"file"`
	Stack string `json:"stack"`
	// Run is the number of the run that it covers, 0 for the whole state.
	Run   int `json:"run,omitempty"`
	Runs  int `json:"runs"`
	Parts int `json:"parts,omitempty"`
	// Quarantined counts the object versions that it lists.
	Quarantined int `json:"quarantined_versions,omitempty"`
	Objects     int `json:"objects,omitempty"`
	Bytes       int `json:"bytes"`
}

// reportPage is a report: the whole state, or one run.
type reportPage struct {
	Stack  string
	At     time.Time
	Policy string       // Content security policy.
	Style  template.CSS // The console's, with embedded fonts.

	Overview   *overviewData
	Runs       *runsData
	Quarantine *quarantineData
	Catalog    []ops.CatalogTable
	Checks     *Checks
	NoChecks   string
	Run        *runData
	Omitted    int // Objects of the run that are not shown.
}

// Write returns the whole state, or the run with a number, as one self-contained HTML file.
func (c *Console) Write(ctx context.Context, run int) ([]byte, Report, error) {
	p := reportPage{Stack: c.Stack, At: c.Now().UTC()}
	r := Report{Stack: c.Stack, Run: run}
	read := c.readState
	if run > 0 {
		read = c.readOneRun
	}
	if err := read(ctx, &p, &r); err != nil {
		return nil, r, err
	}
	if err := c.embedStyle(&p); err != nil {
		return nil, r, err
	}
	pages, err := parse(fileFuncs())
	if err != nil {
		return nil, r, err
	}
	var out bytes.Buffer
	if err := pages["report"].ExecuteTemplate(&out, "report", p); err != nil {
		return nil, r, fmt.Errorf("render the report: %w", err)
	}
	r.Bytes = out.Len()
	return out.Bytes(), r, nil
}

func (c *Console) readState(ctx context.Context, p *reportPage, r *Report) error {
	status, err := c.Source.Status(ctx)
	if err != nil {
		return err
	}
	overview := newOverview(status)
	overview.Runs = nil // The list of all runs contains them.
	p.Overview = &overview
	if err := c.readLedger(ctx, p, r); err != nil && !errors.Is(err, ops.ErrPaused) { // The overview shows it.
		return err
	}
	if p.Catalog, err = c.Source.Catalog(ctx); err != nil {
		return err
	}
	if checks, err := c.Check(ctx); err != nil { // The engine's state needs more permissions than the stack.
		p.NoChecks = err.Error()
	} else {
		p.Checks = &checks
	}
	r.Parts = len(status.Parts)
	return ctx.Err()
}

// readLedger reads the data that is only in the database.
func (c *Console) readLedger(ctx context.Context, p *reportPage, r *Report) error {
	runs, err := c.Source.RunsBefore(ctx, 0, reportedRuns)
	if err != nil {
		return err
	}
	page, err := c.Source.QuarantinePage(ctx, "", 0, reportedVersions)
	if err != nil {
		return err
	}
	list, quarantine := newRuns(runs, 0), newQuarantine(page, "", 0)
	p.Runs, p.Quarantine = &list, &quarantine
	r.Runs, r.Quarantined = len(runs.Runs), len(page.Objects)
	return nil
}

func (c *Console) readOneRun(ctx context.Context, p *reportPage, r *Report) error {
	d, err := c.readRun(ctx, r.Run, "")
	if err != nil {
		return err
	}
	if d.Manifest != nil {
		d.Objects = d.Manifest.Objects[:min(reportedObjects, len(d.Manifest.Objects))]
		p.Omitted = len(d.Manifest.Objects) - len(d.Objects)
	}
	p.Run = d
	r.Runs, r.Objects = 1, len(d.Objects)
	return nil
}

// embedStyle embeds the font in the style sheet, and allows only this style sheet.
func (c *Console) embedStyle(p *reportPage) error {
	style, err := fs.ReadFile(c.assets, "console.css")
	if err != nil {
		return err
	}
	font, err := fs.ReadFile(c.assets, "inter.woff2")
	if err != nil {
		return err
	}
	const reference = `url("/assets/inter.woff2")`
	text := strings.Replace(string(style), reference, `url("data:font/woff2;base64,`+base64.StdEncoding.EncodeToString(font)+`")`, 1)
	if text == string(style) {
		return errors.New("the font is not at the expected position in the style sheet")
	}
	sum := sha256.Sum256([]byte(text))
	p.Style = template.CSS(text) //nolint:gosec // The console's own file.
	p.Policy = "default-src 'none'; font-src data:; style-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'; base-uri 'none'; form-action 'none'"
	return nil
}
