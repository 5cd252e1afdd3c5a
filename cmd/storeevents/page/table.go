package page

import (
	"strings"

	"charm.land/lipgloss/v2"
	"charm.land/lipgloss/v2/table"

	"store-events/internal/printable"
)

// Table writes rows below a header, in aligned columns. Numbers are aligned to the
// right.
func (w *Page) Table(header []string, rows [][]string) {
	rows = fit(header, printableCells(rows), w.Width)
	t := table.New().Headers(header...).Rows(rows...).Border(lipgloss.NormalBorder()).
		BorderTop(false).BorderBottom(false).BorderLeft(false).BorderRight(false).BorderColumn(false).
		StyleFunc(func(row, col int) lipgloss.Style {
			s := lipgloss.NewStyle().PaddingRight(2)
			if row >= 0 && row < len(rows) && numeric(rows[row][col]) {
				s = s.Align(lipgloss.Right)
			}
			if row == table.HeaderRow && w.Colored {
				s = s.Bold(true)
			}
			return s
		})
	text := t.String()
	if !w.Colored {
		text = strings.ReplaceAll(text, "─", "-")
	}
	for _, line := range strings.Split(text, "\n") {
		_, _ = w.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

func numeric(s string) bool {
	return s != "" && strings.Trim(s, "0123456789.,-+ ") == ""
}

// fit shortens cells in the middle until the rows are at most width wide, the
// widest column first. Columns stay at least as wide as their header.
func fit(header []string, rows [][]string, width int) [][]string {
	if width == 0 {
		return rows
	}
	const gap = 2
	widths := make([]int, len(header))
	for i, name := range header {
		widths[i] = lipgloss.Width(name)
		for _, row := range rows {
			widths[i] = max(widths[i], lipgloss.Width(row[i]))
		}
	}
	for tableWidth(widths, gap) > width {
		i := widest(header, widths)
		if i < 0 {
			break
		}
		widths[i]--
	}
	out := make([][]string, len(rows))
	for r, row := range rows {
		for i, cell := range row {
			out[r] = append(out[r], shorten(cell, widths[i]))
		}
	}
	return out
}

func tableWidth(widths []int, gap int) int {
	sum := 0 // The line below the header includes the gap after the last column.
	for _, w := range widths {
		sum += w + gap
	}
	return sum
}

// widest returns the widest column that can become narrower, -1 for none.
func widest(header []string, widths []int) int {
	const least = 8
	found := -1
	for i, w := range widths {
		if w > max(least, lipgloss.Width(header[i])) && (found < 0 || w > widths[found]) {
			found = i
		}
	}
	return found
}

// shorten cuts the middle out of a string that is wider than width, because the ends
// distinguish keys and names.
func shorten(text string, width int) string {
	if lipgloss.Width(text) <= width {
		return text
	}
	runes := []rune(text)
	head, tail := width/2, (width-1)/2
	for head+tail > 0 {
		cut := string(runes[:head]) + "…" + string(runes[len(runes)-tail:])
		if lipgloss.Width(cut) <= width {
			return cut
		}
		if head > tail {
			head--
		} else {
			tail--
		}
	}
	return "…"
}

func printableCells(rows [][]string) [][]string {
	out := make([][]string, len(rows))
	for i, row := range rows {
		for _, cell := range row {
			out[i] = append(out[i], printable.Line(cell))
		}
	}
	return out
}
