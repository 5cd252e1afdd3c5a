package main

import (
	"image/color"
	"regexp"
	"strings"

	"charm.land/lipgloss/v2"
)

// The colours of results. Text stays the same without colour: no meaning is in the
// colour alone.
func (w *page) green(text string) string  { return w.colour(lipgloss.Green, text) }
func (w *page) yellow(text string) string { return w.colour(lipgloss.Yellow, text) }
func (w *page) red(text string) string    { return w.colour(lipgloss.Red, text) }

func (w *page) colour(c color.Color, text string) string {
	if !w.coloured {
		return text
	}
	return lipgloss.NewStyle().Foreground(c).Render(text)
}

// level colours the level of a policy's violation.
func (w *page) level(level string) string {
	if level == "mandatory" {
		return w.red(level)
	}
	return w.yellow(printable(level))
}

// changeMark matches the mark of a line of the engine's diff: what happens to the
// resource or the property in it. Names of a job's arguments begin with "--" too.
// https://www.pulumi.com/docs/iac/cli/commands/pulumi_preview/
var changeMark = regexp.MustCompile(`^\s*(?:(\+-|-\+|\+\+|--) ?\S+:\S+:\S+: \(|([+~-]) )`)

// colourDiff colours the lines of a diff by what happens.
func (w *page) colourDiff(diff string) string {
	if !w.coloured {
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
			lines[i] = w.colour(lipgloss.Magenta, line)
		}
	}
	return strings.Join(lines, "\n")
}

// raw writes text that is printable already, with its colours.
func (w *page) raw(text string) { _, _ = w.WriteString(text) }
