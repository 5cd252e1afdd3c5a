package page

import (
	"image/color"
	"regexp"
	"strings"

	"charm.land/lipgloss/v2"

	"store-events/internal/printable"
)

// Green colors text. Color only emphasizes: the text is complete without it.
func (w *Page) Green(text string) string { return w.color(lipgloss.Green, text) }

// Yellow colors text.
func (w *Page) Yellow(text string) string { return w.color(lipgloss.Yellow, text) }

// Red colors text.
func (w *Page) Red(text string) string { return w.color(lipgloss.Red, text) }

func (w *Page) color(c color.Color, text string) string {
	if !w.Colored {
		return text
	}
	return lipgloss.NewStyle().Foreground(c).Render(text)
}

// Level colors the level of a policy's violation.
func (w *Page) Level(level string) string {
	if level == "mandatory" {
		return w.Red(level)
	}
	return w.Yellow(printable.Text(level))
}

// changeMark matches the operation at the beginning of a line of the engine's diff. The
// names of a job's arguments also begin with "--".
// https://www.pulumi.com/docs/iac/cli/commands/pulumi_preview/
var changeMark = regexp.MustCompile(`^\s*(?:(\+-|-\+|\+\+|--) ?\S+:\S+:\S+: \(|([+~-]) )`)

// ColorDiff colors the lines of a diff by operation.
func (w *Page) ColorDiff(diff string) string {
	if !w.Colored {
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
			lines[i] = w.Green(line)
		case "-", "--":
			lines[i] = w.Red(line)
		case "~":
			lines[i] = w.Yellow(line)
		default: // A replacement.
			lines[i] = w.color(lipgloss.Magenta, line)
		}
	}
	return strings.Join(lines, "\n")
}
