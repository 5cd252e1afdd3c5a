// Package format writes the reports of the policies in formats for other tools: SARIF, GitHub annotations, and
// HTML.
package format

import (
	"bytes"
	"encoding/json"
	"strings"

	"store-events/policy/pack"
	"store-events/policy/rule"
)

// Result contains the pack's reports about one stack.
type Result struct {
	Stack     string
	Resources int
	Reports   []pack.Report
	// Policies describes the policies that can report.
	Policies []pack.Policy
	// File is the name of the exported state, which findings point to.
	File string
	// Lines are the lines of the resources in File, by URN.
	Lines map[string]int
	// Known are the findings in the baseline, by Fingerprint.
	Known map[string]bool
	// MustDecide means that rules that could not decide fail the check.
	MustDecide bool
}

// Fingerprint identifies a finding across checks, by the problem and its location: another violation of the same rule
// by the same resource is another finding.
func Fingerprint(r pack.Report) string {
	return strings.Join([]string{r.Policy, r.URN, part(r.Message, "property: "), summary(r)}, " ")
}

// LinesOf returns the line of each resource in an exported state.
func LinesOf(exported []byte) map[string]int {
	lines := map[string]int{}
	for i, line := range bytes.Split(exported, []byte("\n")) {
		_, after, found := bytes.Cut(line, []byte(`"urn":`))
		for found {
			var urn string
			if err := json.NewDecoder(bytes.NewReader(after)).Decode(&urn); err == nil && lines[urn] == 0 {
				lines[urn] = i + 1
			}
			_, after, found = bytes.Cut(after, []byte(`"urn":`))
		}
	}
	return lines
}

// decided reports whether a report is a violation, and not a note or undecided.
func decided(r pack.Report) bool {
	return r.Policy != pack.NotePolicy && r.Policy != pack.UndecidedPolicy
}

// fails reports whether a violation makes the check fail.
func (r Result) fails(of pack.Report) bool {
	return decided(of) && of.Level >= rule.Mandatory && !r.Known[Fingerprint(of)]
}

// line returns the line of a resource in File, 1 for findings about the whole stack.
func (r Result) line(urn string) int { return max(1, r.Lines[urn]) }

// resource shortens a URN to type and name.
func resource(urn string) string {
	parts := strings.SplitN(urn, "::", 4)
	if len(parts) < 4 {
		return "the stack"
	}
	types := strings.Split(parts[2], "$")
	return types[len(types)-1] + " " + parts[3]
}

// summary returns the first line of a report after its title: the problem.
func summary(r pack.Report) string {
	_, text, _ := strings.Cut(r.Message, "\n")
	text, _, _ = strings.Cut(text, "\n")
	_, text, _ = strings.Cut(text, "] ")
	if text == "" {
		return r.Title
	}
	return strings.TrimPrefix(text, r.Policy+": ")
}
