package main

import (
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"
)

// marker is the first line of the comment, by which .github/scripts/comment finds the
// comment to edit.
const marker = "<!-- store-events preview -->"

const (
	// maxComment is below the 65,536 characters that a comment may have.
	maxComment = 60_000
	// maxFindings is the maximum number of listed findings of a stack.
	maxFindings = 30
	// maxText is the maximum length of a listed value.
	maxText = 300
)

// notViolations are the pack's policies for remarks, which need no action.
var notViolations = []string{"not-decided-at-preview", "note"}

// render returns the comment. Diffs share the remaining space.
func render(previews, base map[string]preview) string {
	var b strings.Builder
	b.WriteString(marker + "\n## Preview without an account\n\n")
	b.WriteString("Everything is created: the previews run against an empty AWS. " +
		"The cost is that of the idle stack in a month, at list prices.\n\n")
	b.WriteString("| stack | result | changes | findings | cost |\n| --- | --- | --- | --- | --- |\n")
	stacks := slices.Sorted(maps.Keys(previews))
	for _, stack := range stacks {
		p := previews[stack]
		before, known := base[stack]
		fmt.Fprintf(&b, "| %s | %s | %s | %s | %s |\n", code(stack), verdict(p), changes(p.Changes), counted(p), costs(p.Cost, before.Cost, known))
	}
	for _, stack := range stacks {
		b.WriteString(details(stack, previews[stack], base[stack]))
	}
	room := (maxComment-b.Len())/len(stacks) - 100
	for _, stack := range stacks {
		title, text := "Plan of", previews[stack].Diff
		if before := base[stack].Diff; before != "" && text != "" {
			title, text = "What the change does to", compare(before, text)
			if text == "" {
				fmt.Fprintf(&b, "\n%s plans the same resources as the base.\n", code(stack))
			}
		}
		b.WriteString(folded(title, stack, text, room))
	}
	return b.String()
}

func verdict(p preview) string {
	if p.Error != "" {
		return "**failed**"
	}
	return "passed"
}

func changes(counts map[string]int) string {
	var parts []string
	for _, op := range slices.Sorted(maps.Keys(counts)) {
		parts = append(parts, fmt.Sprintf("%d %s", counts[op], code(op)))
	}
	return strings.Join(parts, ", ")
}

func counted(p preview) string {
	by := map[string]int{}
	for _, v := range findings(p) {
		by[v.Level]++
	}
	if len(by) == 0 {
		return "none"
	}
	return changes(by)
}

func findings(p preview) []violation {
	return slices.DeleteFunc(slices.Clone(p.Violations), func(v violation) bool { return slices.Contains(notViolations, v.Policy) })
}

// costs compares the costs of a stack with those on the base branch.
func costs(now, before *estimate, known bool) string {
	switch {
	case now == nil:
		return "not known"
	case !known || before == nil:
		return fmt.Sprintf("%.2f USD; not known for the base", now.MonthlyUSD)
	}
	delta := now.MonthlyUSD - before.MonthlyUSD
	if math.Abs(delta) < 0.005 {
		return fmt.Sprintf("%.2f USD, unchanged", now.MonthlyUSD)
	}
	return fmt.Sprintf("%.2f USD, base %.2f: **%+.2f**", now.MonthlyUSD, before.MonthlyUSD, delta)
}

func details(stack string, p, base preview) string {
	var lines []string
	if p.Error != "" {
		lines = append(lines, "- **error** "+code(p.Error))
	}
	for _, loss := range p.DataLoss {
		lines = append(lines, "- **data loss** "+code(loss))
	}
	for _, v := range findings(p) {
		what, _, _ := strings.Cut(v.Message, "\n  ") // Indented lines say why and how to fix it.
		lines = append(lines, fmt.Sprintf("- %s %s %s: %s", code(v.Level), code(v.Policy), code(v.Resource), code(what)))
	}
	lines = append(lines, costLines(p.Cost, base.Cost)...)
	if len(lines) == 0 {
		return ""
	}
	if more := len(lines) - maxFindings; more > 0 {
		lines = append(lines[:maxFindings], fmt.Sprintf("- and %d more", more))
	}
	return fmt.Sprintf("\n### %s\n\n%s\n", code(stack), strings.Join(lines, "\n"))
}

// costLines lists the groups of items whose cost differs from the base.
func costLines(now, before *estimate) []string {
	if now == nil || before == nil {
		return nil
	}
	delta := map[string]float64{}
	for _, i := range now.Items {
		delta[i.Group] += i.USD
	}
	for _, i := range before.Items {
		delta[i.Group] -= i.USD
	}
	var lines []string
	for _, group := range slices.Sorted(maps.Keys(delta)) {
		if math.Abs(delta[group]) >= 0.005 {
			lines = append(lines, fmt.Sprintf("- **cost** %s %+.2f USD", code(group), delta[group]))
		}
	}
	for _, what := range now.Unpriced {
		lines = append(lines, "- **cost** not included: "+code(what))
	}
	return lines
}

// folded returns a stack's diff under a title, truncated to the available space.
func folded(title, stack, text string, room int) string {
	text = strings.Trim(printable(text, true), "\n")
	head := fmt.Sprintf("\n<details><summary>%s <code>%s</code></summary>\n\n", title, stack)
	fence := strings.Repeat("`", max(3, longestRun(text, '`')+1))
	frame := len(head) + 2*len(fence) + len("diff\n\n\n</details>\n") + len("… cut\n")
	if text == "" || room <= frame {
		return ""
	}
	if len(text) > room-frame {
		text = strings.ToValidUTF8(text[:room-frame], "") + "\n… cut"
	}
	return head + fence + "diff\n" + text + "\n" + fence + "\n</details>\n"
}

// code formats untrusted text as code in one line: Markdown, HTML and mentions have no
// effect in it.
func code(text string) string {
	text = strings.Join(strings.Fields(printable(text, false)), " ")
	text = strings.NewReplacer("`", "'", "|", "¦").Replace(text)
	if runes := []rune(text); len(runes) > maxText {
		text = string(runes[:maxText]) + "…"
	}
	if text == "" {
		return "``-``"
	}
	return "`" + text + "`"
}

// printable drops control and format characters, such as those that reverse text.
func printable(text string, lines bool) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' && lines, r >= ' ' && r != 0x7f && !invisible(r):
			return r
		case r == '\n', r == '\t':
			return ' '
		}
		return -1
	}, strings.ToValidUTF8(text, ""))
}

func invisible(r rune) bool {
	return r >= 0x80 && r < 0xa0 || r >= 0x200b && r <= 0x200f || r >= 0x2028 && r <= 0x202e || r >= 0x2060 && r <= 0x206f || r == 0xfeff
}

func longestRun(text string, of rune) int {
	longest, run := 0, 0
	for _, r := range text {
		if r != of {
			run = 0
			continue
		}
		run++
		longest = max(longest, run)
	}
	return longest
}
