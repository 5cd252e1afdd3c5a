package main

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"store-events/deploy"
	"store-events/policy/pack"
)

// undecidedPolicy reports what other policies cannot decide before the update.
const undecidedPolicy = pack.UndecidedPolicy

// Operations of the engine on a resource.
const (
	opReplace = "replace"
	opDelete  = "delete"
	opSame    = "same"
)

// replacementSteps are the parts of which the engine also reports a replacement.
var replacementSteps = []string{"create-replacement", "delete-replaced", "discard-replaced", "read-replacement"}

// writeResult writes what was changed and what the policies reported, a summary,
// and the outputs. A preview's diff already has the reports of the policies.
func writeResult(w *page, r deploy.Result) {
	if r.Diff != "" {
		w.println(r.Diff)
	} else {
		for _, v := range r.Violations {
			w.printf("%s %s: %s: %s\n", v.Level, v.Policy, v.Resource, v.Message)
		}
	}
	for _, note := range r.Notes {
		w.println(note)
	}
	for _, loss := range r.DataLoss {
		w.println("WARNING:", loss)
	}
	w.printf("%s of stack %s: %s", r.Operation, r.Stack, changesText(r.Changes))
	if text := violationsText(r.Violations); text != "" {
		w.printf("; policies: %s", text)
	}
	w.printf(" (%.1f s)\n", r.Seconds)
	if len(r.Outputs) > 0 {
		writeOutputs(w, r.Outputs)
	}
}

// changesText counts the changes, and last what stays: "3 create, 1 same". A
// replacement counts once.
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

// violationsText counts violations as "3 mandatory (1 critical, 2 high)".
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
