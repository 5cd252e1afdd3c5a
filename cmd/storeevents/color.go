package main

import (
	"image/color"
	"regexp"
	"strings"

	"charm.land/lipgloss/v2"
)

// The colors of results. Color only emphasizes: the text is complete without it.
func (w *page) green(text string) string  { return w.color(lipgloss.Green, text) }
func (w *page) yellow(text string) string { return w.color(lipgloss.Yellow, text) }
func (w *page) red(text string) string    { return w.color(lipgloss.Red, text) }

func (w *page) color(c color.Color, text string) string {
	if !w.colored {
		return text
	}
	return lipgloss.NewStyle().Foreground(c).Render(text)
}

// level colors the level of a policy's violation.
func (w *page) level(level string) string {
	if level == "mandatory" {
		return w.red(level)
	}
	return w.yellow(printable(level))
}

// changeMark matches the operation at the beginning of a line of the engine's diff. The
// names of a job's arguments also begin with "--".
// https://www.pulumi.com/docs/iac/cli/commands/pulumi_preview/
var changeMark = regexp.MustCompile(`^\s*(?:(\+-|-\+|\+\+|--) ?\S+:\S+:\S+: \(|([+~-]) )`)

// colorDiff colors the lines of a diff by operation.
func (w *page) colorDiff(diff string) string {
	if !w.colored {
		return diff
	}
	lines := strings.Split(diff, "\n")
	for i, line := range lines {
		mark := changeMark.FindStringSubmatch(line)
		if mark == nil {
			continue
		}
		switch mark[1] + mark[2] {
		case "+":
			lines[i] = w.green(line)
		case "-", "--":
			lines[i] = w.red(line)
		case "~":
			lines[i] = w.yellow(line)
		default: // A replacement.
			lines[i] = w.color(lipgloss.Magenta, line)
		}
	}
	return strings.Join(lines, "\n")
}

// raw writes text that is already printable, including color codes.
func (w *page) raw(text string) { _, _ = w.WriteString(text) }
