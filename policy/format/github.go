package format

import (
	"fmt"
	"io"
	"net/url"
	"path/filepath"
	"strings"

	"store-events/policy/pack"
	"store-events/policy/rule"
)

// fileURI returns the name of a file as a URI reference, relative to the working directory.
func fileURI(name string) string {
	return (&url.URL{Path: strings.TrimPrefix(filepath.ToSlash(name), "/")}).EscapedPath()
}

var (
	escapeMessage  = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	escapeProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

// GitHub writes the findings as annotations of GitHub Actions, and as errors those that fail the check:
// https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions
func GitHub(w io.Writer, r Result) error {
	for _, report := range r.Reports {
		undecided := r.MustDecide && report.Policy == pack.UndecidedPolicy
		if !undecided && !decided(report) || r.Known[Fingerprint(report)] {
			continue
		}
		command := "warning"
		if undecided || report.Level >= rule.Mandatory {
			command = "error"
		}
		_, err := fmt.Fprintf(w, "::%s file=%s,line=%d,title=%s::%s\n", command, escapeProperty.Replace(r.File), r.line(report.URN),
			escapeProperty.Replace(report.Policy), escapeMessage.Replace(resource(report.URN)+": "+summary(report)))
		if err != nil {
			return fmt.Errorf("write the annotations: %w", err)
		}
	}
	return nil
}
