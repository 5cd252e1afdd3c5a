package docs

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/config"
	"store-events/policy/price"
	"store-events/policy/rule"
	"store-events/policy/rules/cost"
	"store-events/tests/policy/recording"
)

var update = flag.Bool("update", false, "write generated parts of the documentation")

const (
	costsBegin = "<!-- costs: written by go test ./tests/docs -run TestCosts -update -->\n"
	costsEnd   = "<!-- end of costs -->"
)

// TestCostsMatchTheEstimates compares docs/costs.md with the policy's estimates for the recorded program.
func TestCostsMatchTheEstimates(t *testing.T) {
	page := read(t, filepath.Join("docs", "costs.md"))
	before, rest, found := strings.Cut(page, costsBegin)
	require.True(t, found, "start marker of the table")
	current, after, found := strings.Cut(rest, costsEnd)
	require.True(t, found, "end marker of the table")
	columns := []column{{"dev", "dev", nil}, {"dev paused", "dev", paused}, {"prod", "prod", nil}, {"prod paused", "prod", paused}}
	want := costTable(t, columns...)
	if *update {
		text := before + costsBegin + want + costsEnd + after
		require.NoError(t, os.WriteFile(filepath.Join(root, "docs", "costs.md"), []byte(text), 0o600))
		return
	}
	require.Equal(t, want, current, "run go test ./tests/docs -run TestCosts -update")
}

// column is a column of the table: a stack with additional settings.
type column struct {
	title, stack string
	over         recording.Settings
}

var paused = recording.Settings{config.Namespace + ":paused": "true"}

// atMost is the limit of the costs of stacks, in USD a month, by the title of their column. For
// a paused dev it is 8, less the cost of the day when its database runs, see docs/costs.md.
var atMost = map[string]float64{"dev": 35.9, "dev paused": 8 - 1.50 - 0.18, "prod": 280, "prod paused": 16}

// costTable returns a table with a row for each billed kind.
func costTable(t *testing.T, columns ...column) string {
	t.Helper()
	cells, totals := map[string]map[string]string{}, map[string]float64{}
	var stacks []string
	var b strings.Builder
	for i, c := range columns {
		stack := c.title
		stacks = append(stacks, stack)
		estimate := estimate(t, c.stack, c.over)
		require.LessOrEqual(t, estimate.Total(), atMost[stack], stack)
		if i == 0 {
			fmt.Fprintf(&b, "List prices of us-east-1 of %s, USD for a month of 730 hours, by [prices.csv](../policy/price/prices.csv).\n\n", estimate.Date.Format("2006-01-02"))
		}
		for group, items := range byGroup(estimate.Items) {
			if cells[group] == nil {
				cells[group] = map[string]string{}
			}
			cells[group][stack] = cell(items)
		}
		totals[stack] = estimate.Total()
	}
	fmt.Fprintf(&b, "| | %s |\n|%s\n", strings.Join(stacks, " | "), strings.Repeat(" --- |", len(stacks)+1))
	for _, group := range sortedGroups(cells) {
		fmt.Fprintf(&b, "| %s |", group)
		for _, stack := range stacks {
			fmt.Fprintf(&b, " %s |", cells[group][stack])
		}
		b.WriteString("\n")
	}
	b.WriteString("| **idle** |")
	for _, stack := range stacks {
		fmt.Fprintf(&b, " **%.0f** |", totals[stack])
	}
	return b.String() + "\n\n" + glueVersionTable(t, "prod")
}

// glueVersionTable returns a table with a row for each Glue version that the job can run on.
func glueVersionTable(t *testing.T, stack string) string {
	t.Helper()
	prices, err := price.Load()
	require.NoError(t, err)
	var b strings.Builder
	fmt.Fprintf(&b, "| `glueVersion` | a DPU-hour of the job | scheduled runs of %s | idle %s |\n| --- | --- | --- | --- |\n", stack, stack)
	for _, version := range config.GlueVersions() {
		dpu, known := prices.Of(price.GlueJobDPU(version.Name))
		require.True(t, known)
		estimate := estimate(t, stack, recording.Settings{"store-events:glueVersion": version.Name})
		runs := 0.0
		for _, item := range byGroup(estimate.Items)["scheduled job runs"] {
			runs += item.USD
		}
		fmt.Fprintf(&b, "| %s: Spark %s, Python %s | %g | %.2f | %.0f |\n", version.Name, version.Spark, version.Python, dpu.USD, runs, estimate.Total())
	}
	return b.String()
}

func estimate(t *testing.T, stack string, over recording.Settings) cost.Estimate {
	t.Helper()
	program, err := recording.Record(root, stack, over)
	require.NoError(t, err)
	estimate := cost.Of(program.Checked(rule.DefaultSettings(rule.Environment(stack)), recording.Deployed))
	require.Empty(t, estimate.Undecided, "everything in the stack has a price")
	return estimate
}

func byGroup(items []cost.Item) map[string][]cost.Item {
	groups := map[string][]cost.Item{}
	for _, item := range items {
		groups[item.Group] = append(groups[item.Group], item)
	}
	return groups
}

// cell formats the items of one kind, grouped by size, and their cost.
func cell(items []cost.Item) string {
	total, counts := 0.0, map[string]int{}
	for _, item := range items {
		total += item.USD
		counts[item.What]++
	}
	var sizes []string
	for _, size := range slices.Sorted(maps.Keys(counts)) {
		switch n := counts[size]; {
		case size == "":
			size = strconv.Itoa(n)
		case n > 1:
			size = fmt.Sprintf("%d, each %s", n, size)
		}
		sizes = append(sizes, size)
	}
	return fmt.Sprintf("%s: %.2f", strings.Join(sizes, " and "), total)
}

func TestCellNamesEachSize(t *testing.T) {
	item := func(size string, usd float64) cost.Item { return cost.Item{What: size, USD: usd} }
	require.Equal(t, "2: 3.00", cell([]cost.Item{item("", 1), item("", 2)}))
	require.Equal(t, "2, each a: 4.00", cell([]cost.Item{item("a", 2), item("a", 2)}))
	require.Equal(t, "t4g.micro and t4g.nano: 3.00", cell([]cost.Item{item("t4g.nano", 1), item("t4g.micro", 2)}))
}

func sortedGroups(cells map[string]map[string]string) []string {
	var groups []string
	for group := range cells {
		groups = append(groups, group)
	}
	slices.Sort(groups)
	return groups
}
