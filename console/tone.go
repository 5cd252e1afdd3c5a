package console

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"store-events/internal/printable"
	"store-events/ops"
)

// tone is the color and the shape of a state's mark, in addition to its word.
type tone string

const (
	good tone = "good"
	busy tone = "busy"
	warn tone = "warn"
	bad  tone = "bad"
	idle tone = "idle"
)

var tones = map[string]tone{
	"available": good, "active": good, "ready": good, "succeeded": good, "completed": good, "enabled": good, "loaded": good, "met": good,
	"starting": busy, "running": busy, "stopping": busy, "waiting": busy, "pending": busy, "creating": busy, "modifying": busy,
	"backing-up": busy, "inactive": idle, "paused": idle, "missing": idle, "disabled": idle, "passed over": idle, "replaced": idle,
	"ok": good, "alarm": bad, "failed": bad, "error": bad, "timeout": bad, "died": bad, "expired": bad,
	"stopped": warn, "terminated": bad, "not finished": warn, "archived": warn, "forbidden": warn, "gone": warn,
}

// toneOf returns the tone of a part of the stack.
func toneOf(p ops.Part) tone {
	switch {
	case p.Kind == "consumer" && p.State == "running":
		return good // The instance always runs.
	case p.Kind == "crawler" && strings.HasPrefix(p.Detail, "last crawl FAILED"):
		return bad
	case p.Kind == "dead letters" && holds(p):
		return bad
	case p.Kind == "quarantine" && holds(p):
		return warn
	}
	return runTone(p.State)
}

// holds reports whether the first count of a part is not 0.
func holds(p ops.Part) bool {
	return p.State != ops.StateError && len(p.Counts) > 0 && p.Counts[0].N > 0
}

// stateWord returns the state of a part as pages show it.
func stateWord(p ops.Part) string {
	if (p.Kind == "quarantine" || p.Kind == "dead letters") && holds(p) {
		return "needs a look"
	}
	return strings.ToLower(printable.Line(p.State))
}

// runTone returns the tone of a state or an outcome.
func runTone(state string) tone { return cmp.Or(tones[strings.ToLower(state)], warn) }

// namedCount is a count with its name.
type namedCount struct {
	Name string
	N    int
}

// sortedCounts lists counts by name, the largest first.
func sortedCounts(counts map[string]int) []namedCount {
	out := []namedCount{}
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		out = append(out, namedCount{name, counts[name]})
	}
	slices.SortStableFunc(out, func(a, b namedCount) int { return b.N - a.N })
	return out
}

func sumOf(counts map[string]int) (n int) {
	for _, count := range counts {
		n += count
	}
	return n
}

// severityTone returns the tone of a policy's severity.
func severityTone(severity string) tone {
	switch severity {
	case "critical", "high":
		return bad
	case "medium":
		return warn
	}
	return idle
}
