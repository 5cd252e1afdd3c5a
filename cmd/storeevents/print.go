package main

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"charm.land/lipgloss/v2"
	"charm.land/lipgloss/v2/table"
	"golang.org/x/term"
)

// print writes a command's result: the value as one JSON document, or what text
// writes for people.
func (a *app) print(value any, text func(w *page)) error {
	if a.output == "json" {
		enc := json.NewEncoder(a.out)
		enc.SetIndent("", "  ")
		return enc.Encode(value)
	}
	w := page{coloured: coloured(a.out), width: width(a.out)}
	text(&w)
	if _, err := io.WriteString(a.out, w.String()); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}

// page is what a command writes for people. It goes out as a whole, so that one
// check finds out whether it arrived. What it writes may contain data of anybody
// who can write to the bucket, and so is made printable.
type page struct {
	strings.Builder
	coloured bool
	// width is that of the terminal in characters, 0 for what is no terminal:
	// tables are cut to it.
	width int
}

func (w *page) printf(format string, args ...any) {
	w.WriteString(printable(fmt.Sprintf(format, args...)))
}

func (w *page) println(args ...any) { w.WriteString(printable(fmt.Sprintln(args...))) }

// fail reports a command's error: on stderr for people, and as the JSON
// document on stdout for programs.
func (a *app) fail(err error) {
	if a.output == "json" && !reported(err) {
		_ = json.NewEncoder(a.out).Encode(map[string]string{"error": err.Error()}) // Nothing is left to report to.
	}
	_, _ = fmt.Fprintln(a.err, "storeevents:", printable(err.Error()))
}

// progress writes a line about work under way to stderr; the work goes on whether
// or not anybody reads it.
func (a *app) progress(format string, args ...any) {
	_, _ = fmt.Fprintln(a.err, printable(fmt.Sprintf(format, args...)))
}

// writeTable writes rows below a header; columns are aligned, numbers to the right.
func writeTable(w *page, header []string, rows [][]string) {
	rows = fit(header, printableCells(rows), w.width)
	t := table.New().Headers(header...).Rows(rows...).Border(lipgloss.NormalBorder()).
		BorderTop(false).BorderBottom(false).BorderLeft(false).BorderRight(false).BorderColumn(false).
		StyleFunc(func(row, col int) lipgloss.Style {
			s := lipgloss.NewStyle().PaddingRight(2)
			if row >= 0 && row < len(rows) && numeric(rows[row][col]) {
				s = s.Align(lipgloss.Right)
			}
			if row == table.HeaderRow && w.coloured {
				s = s.Bold(true)
			}
			return s
		})
	text := t.String()
	if !w.coloured {
		text = strings.ReplaceAll(text, "─", "-")
	}
	for _, line := range strings.Split(text, "\n") {
		w.WriteString(strings.TrimRight(line, " ") + "\n")
	}
}

func numeric(s string) bool {
	return s != "" && strings.Trim(s, "0123456789.,-+ ") == ""
}

// coloured reports whether w is a terminal with colour enabled (no-color.org).
func coloured(w io.Writer) bool {
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && isTerminal(w)
}

// width is the width of the terminal; 0 if w is not one.
func width(w io.Writer) int {
	if f, ok := w.(*os.File); ok {
		if columns, _, err := term.GetSize(int(f.Fd())); err == nil {
			return columns
		}
	}
	return 0
}

// fit shortens cells in the middle until the rows are at most width wide, the
// widest column first. A column stays as wide as its header and as narrow as that
// at most.
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
	sum := 0 // The rule below the header has the gap behind the last column too.
	for _, w := range widths {
		sum += w + gap
	}
	return sum
}

// widest is the widest of the columns that can become narrower, -1 for none.
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

// shorten cuts the middle out of a string that is wider than width: keys and names
// are told apart by their ends.
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

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func seconds(d time.Duration) float64 {
	return float64(d.Round(10*time.Millisecond)) / float64(time.Second)
}
