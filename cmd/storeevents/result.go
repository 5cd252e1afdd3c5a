package main

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"store-events/cmd/storeevents/page"
	"store-events/deploy"
	"store-events/internal/printable"
	"store-events/policy/pack"
)

// undecidedPolicy is the policy that reports which others cannot decide before the update.
const undecidedPolicy = pack.UndecidedPolicy

// Operations of the engine on a resource.
const (
	opReplace = "replace"
	opDelete  = "delete"
	opSame    = "same"
)

// replacementSteps are the steps of a replacement, which the engine also reports separately.
var replacementSteps = []string{"create-replacement", "delete-replaced", "discard-replaced", "read-replacement"}

// writeResult writes the changes, the reports of the policies, a summary and the outputs.
func writeResult(w *page.Page, r deploy.Result) {
	if diff := resourcesOf(r.Diff); diff != "" {
		w.Raw(w.ColorDiff(printable.Text(diff)) + "\n")
	}
	writeViolations(w, r.Violations)
	for _, note := range r.Notes {
		w.Println(note)
	}
	for _, loss := range r.DataLoss {
		w.Raw(w.Red("WARNING:"))
		w.Println("", loss)
	}
	w.Printf("%s of stack %s: %s", r.Operation, r.Stack, changesText(r.Changes))
	if text := violationsText(r.Violations); text != "" {
		w.Printf("; policies: %s", text)
	}
	w.Printf(" (%.1f s)\n", r.Seconds)
	if len(r.Outputs) > 0 {
		writeOutputs(w, r.Outputs)
	}
}

// reportsBegin matches the end of the engine's diff. It is followed by the reports of the
// policies, which writeViolations writes, and by counts.
var reportsBegin = regexp.MustCompile(`(?m)^( +\S+@v\S+ +\[|Resources:$|Policies:$|Policy Packs run:$)`)

// defaultsLine matches an internal property of the provider.
var defaultsLine = regexp.MustCompile(`(?m)^.*\b__defaults\b.*\n`)

// resourcesOf returns only the resources of the engine's diff.
func resourcesOf(diff string) string {
	if at := reportsBegin.FindStringIndex(diff); at != nil {
		diff = diff[:at[0]]
	}
	return strings.TrimRight(defaultsLine.ReplaceAllString(diff, ""), "\n")
}

// writeViolations writes the violations, except rules that cannot decide before the
// update: the policy pack's note counts them.
func writeViolations(w *page.Page, violations []deploy.Violation) {
	for _, v := range violations {
		switch {
		case v.Policy == undecidedPolicy:
		case strings.HasPrefix(v.Message, "["): // It contains severity, rule and resource.
			w.Raw(w.Level(v.Level))
			w.Printf(" %s\n", v.Message)
		default:
			w.Raw(w.Level(v.Level))
			w.Printf(" %s: %s: %s\n", v.Policy, v.Resource, v.Message)
		}
	}
}

// changesText returns the counts of changes, then of unchanged resources: "3 create, 1
// same". A replacement counts once.
func changesText(changes map[string]int) string {
	var texts []string
	names := slices.SortedFunc(maps.Keys(changes), func(a, b string) int {
		rank := map[string]int{opSame: 1}
		return cmp.Or(cmp.Compare(rank[a], rank[b]), strings.Compare(a, b))
	})
	for _, op := range names {
		if !slices.Contains(replacementSteps, op) {
			texts = append(texts, fmt.Sprintf("%d %s", changes[op], op))
		}
	}
	if len(texts) == 0 {
		return "nothing to do"
	}
	return strings.Join(texts, ", ")
}

// violationsText returns the counts of violations: "3 mandatory (1 critical, 2 high)".
func violationsText(violations []deploy.Violation) string {
	severities := []string{"critical", "high", "medium", "low"}
	var texts []string
	for _, level := range []string{"mandatory", "advisory"} {
		total, counts := 0, map[string]int{}
		for _, v := range violations {
			if v.Level == level && v.Policy != undecidedPolicy && v.Policy != pack.NotePolicy {
				total++
				counts[v.Severity]++
			}
		}
		if total == 0 {
			continue
		}
		var parts []string
		for _, severity := range severities {
			if n := counts[severity]; n > 0 {
				parts = append(parts, fmt.Sprintf("%d %s", n, severity))
			}
		}
		text := fmt.Sprintf("%d %s", total, level)
		if len(parts) > 0 {
			text += " (" + strings.Join(parts, ", ") + ")"
		}
		texts = append(texts, text)
	}
	return strings.Join(texts, ", ")
}
