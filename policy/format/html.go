package format

import (
	_ "embed"
	"fmt"
	"html/template"
	"io"
	"strings"

	"store-events/policy/pack"
	"store-events/policy/rule"
)

//go:embed report.html
var pageText string

var page = template.Must(template.New("report").Parse(pageText))

// finding is a row of the page.
type finding struct {
	Policy, Level, Severity, Resource, Summary, Why, Fix, URL string
	Known                                                     bool
}

// HTML writes the result as one self-contained page without scripts.
func HTML(w io.Writer, r Result) error {
	of := map[string]pack.Policy{}
	for _, p := range r.Policies {
		of[p.Name] = p
	}
	var shown struct {
		Stack                          string
		Resources, Mandatory, Advisory int
		Findings, Undecided            []finding
	}
	shown.Stack, shown.Resources = r.Stack, r.Resources
	for _, report := range r.Reports {
		p := of[report.Policy]
		row := finding{
			Policy: report.Policy, Level: report.Level.String(), Severity: report.Severity.String(), Resource: resource(report.URN),
			Summary: summary(report), Why: part(report.Message, "why: "), Fix: p.Fix, URL: p.URL, Known: r.Known[Fingerprint(report)],
		}
		switch {
		case report.Policy == pack.UndecidedPolicy:
			shown.Undecided = append(shown.Undecided, row)
			continue
		case report.Policy == pack.NotePolicy:
			continue
		case r.fails(report):
			shown.Mandatory++
		case report.Level < rule.Mandatory:
			shown.Advisory++
		}
		shown.Findings = append(shown.Findings, row)
	}
	if err := page.Execute(w, shown); err != nil {
		return fmt.Errorf("write the page: %w", err)
	}
	return nil
}

// part returns the rest of the line of a message that begins with begin.
func part(message, begin string) string {
	for line := range strings.Lines(message) {
		if after, found := strings.CutPrefix(strings.TrimSpace(line), begin); found {
			return after
		}
	}
	return ""
}
