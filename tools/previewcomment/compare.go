package main

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// varying are the parts of a diff that differ between two previews of the same
// program: suffixes of generated names, the folder of the local AWS, the folder of
// the checkout, and the free port of the local database.
var varying = []struct {
	of   *regexp.Regexp
	with string
}{
	{regexp.MustCompile(`-[0-9a-f]{7}\b`), "-*"},
	{regexp.MustCompile(`(asset|archive)\(file:[0-9a-f]+\) \{ \S*/store-events-\d+/`), "$1 { /"},
	{regexp.MustCompile(`\{ \S*/([^/ ]+) \}`), "{ $1 }"},
	{regexp.MustCompile(`\b((?:from|to)?[pP]ort\s*): [3-6]\d{4}$`), "$1: *"},
}

// maxBlock is the maximum number of compared lines of a changed resource.
const maxBlock = 500

// header is the first line of a resource in the engine's diff.
var header = regexp.MustCompile(`^( *)[-+~>< ]+ ?\S+: \([a-z-]+\)`)

// resources splits the engine's diff into the lines of each resource, by URN. It omits the
// messages of policies between them.
func resources(text string) map[string][]string {
	blocks := map[string][]string{}
	urn, indent := "", 0
	lines := strings.Split(printable(text, true), "\n")
	for i, line := range lines {
		depth := len(line) - len(strings.TrimLeft(line, " "))
		if m := header.FindStringSubmatch(line); m != nil && i+1 < len(lines) && strings.HasPrefix(strings.TrimSpace(lines[i+1]), "[urn=") {
			urn, indent = strings.TrimSpace(lines[i+1]), len(m[1])+4
			blocks[urn] = append(blocks[urn], strings.TrimSpace(line))
			continue
		}
		if urn == "" || strings.HasPrefix(strings.TrimSpace(line), "[urn=") || strings.HasPrefix(strings.TrimSpace(line), "[provider=") {
			continue
		}
		if line != "" && depth < indent {
			urn = ""
			continue
		}
		if strings.TrimSpace(line) != "" {
			blocks[urn] = append(blocks[urn], line[indent:])
		}
	}
	return blocks
}

// compare returns how the resources of two previews differ, as a unified diff.
func compare(base, head string) string {
	before, after := resources(base), resources(head)
	var b strings.Builder
	urns := map[string]bool{}
	for urn := range before {
		urns[urn] = true
	}
	for urn := range after {
		urns[urn] = true
	}
	for _, urn := range slices.Sorted(maps.Keys(urns)) {
		writeResource(&b, urn, before[urn], after[urn])
	}
	return b.String()
}

func writeResource(b *strings.Builder, urn string, before, after []string) {
	if slices.EqualFunc(before, after, same) {
		return
	}
	fmt.Fprintf(b, "@@ %s\n", urn)
	for _, line := range unified(cut(before), cut(after)) {
		b.WriteString(line + "\n")
	}
}

func cut(lines []string) []string { return lines[:min(len(lines), maxBlock)] }

func same(a, b string) bool { return stable(a) == stable(b) }

func stable(line string) string {
	for _, v := range varying {
		line = v.of.ReplaceAllString(line, v.with)
	}
	return line
}

// unified marks the lines that only one side has, and keeps unmarked lines only next to a
// mark.
func unified(before, after []string) []string {
	// common[i][j] is the length of the longest common part of before[i:] and after[j:].
	common := make([][]int, len(before)+1)
	for i := range common {
		common[i] = make([]int, len(after)+1)
	}
	for i := len(before) - 1; i >= 0; i-- {
		for j := len(after) - 1; j >= 0; j-- {
			if same(before[i], after[j]) {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var all []string
	i, j := 0, 0
	for i < len(before) || j < len(after) {
		switch {
		case i < len(before) && j < len(after) && same(before[i], after[j]):
			all = append(all, "  "+after[j])
			i, j = i+1, j+1
		case j == len(after) || i < len(before) && common[i+1][j] >= common[i][j+1]:
			all = append(all, "- "+before[i])
			i++
		default:
			all = append(all, "+ "+after[j])
			j++
		}
	}
	return nearMarks(all)
}

// context is the number of lines kept before and after a mark.
const context = 2

func nearMarks(lines []string) []string {
	var out []string
	for i, line := range lines {
		near := slices.ContainsFunc(lines[max(i-context, 0):min(i+context+1, len(lines))], func(l string) bool { return l[0] != ' ' })
		if near {
			out = append(out, line)
		}
	}
	return out
}
