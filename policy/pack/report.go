package pack

import (
	"cmp"
	"slices"

	"store-events/policy/rule"
)

// Report is one message under the name of a policy.
type Report struct {
	Kind     rule.Kind
	Policy   string
	Title    string
	Level    rule.Level
	Severity rule.Severity
	// URN names the resource; empty means the stack.
	URN     string
	Message string
}

// companion is a policy of the pack itself, for reports that need another level than the rule's: "not decided"
// must not fail a preview, and "failed" must not pass it.
type companion struct {
	name, title string
	level       rule.Level
	levels      []rule.Level
}

// Policies of the pack itself, which report no violations.
const (
	UndecidedPolicy = "not-decided-at-preview"
	NotePolicy      = "note"
)

var companions = map[rule.Kind]companion{
	rule.Failed:    {"rule-failed", "Rules run without errors", rule.Mandatory, []rule.Level{rule.Mandatory}},
	rule.Undecided: {UndecidedPolicy, "A rule could not decide yet", rule.Advisory, anyLevel},
	rule.Note:      {NotePolicy, "Information", rule.Advisory, anyLevel},
}

// render returns findings as reports, most severe first.
func (p *Pack) render(entries []entry) []Report {
	var reports []Report
	for _, g := range grouped(entries) {
		if r := p.report(g); r.Level != rule.Off {
			reports = append(reports, r)
		}
	}
	slices.SortStableFunc(reports, func(a, b Report) int {
		return cmp.Or(cmp.Compare(b.Level, a.Level), cmp.Compare(a.Severity, b.Severity))
	})
	return reports
}

func (p *Pack) report(g group) Report {
	first := g[0]
	name, title := first.rule.ID, first.rule.Title
	if c, ok := companions[first.finding.Kind]; ok {
		name, title = c.name, c.title
	}
	return Report{
		Kind: first.finding.Kind, Policy: name, Title: title, Level: p.levels[name], Severity: first.rule.Severity,
		URN: first.finding.URN, Message: title + "\n" + g.text(),
	}
}

// group holds entries with the same message for the same property.
type group []entry

// grouped reports an unknown policy document once, not once for each rule that reads it.
func grouped(entries []entry) []group {
	var groups []group
	at := map[rule.Finding]int{}
	for _, e := range entries {
		i, ok := at[e.finding]
		if !ok || e.finding.Kind != rule.Undecided {
			i = len(groups)
			at[e.finding] = i
			groups = append(groups, nil)
		}
		groups[i] = append(groups[i], e)
	}
	return groups
}

func (g group) text() string {
	first := g[0]
	if first.finding.Kind != rule.Undecided {
		return message(first.rule, first.finding)
	}
	names := make([]string, len(g))
	for i, e := range g {
		names[i] = e.rule.ID
	}
	return undecided(first.rule.Severity, first.finding, names)
}
