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
	w := page{coloured: coloured(a.out)}
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
	rows = printableCells(rows)
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

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

func seconds(d time.Duration) float64 {
	return float64(d.Round(10*time.Millisecond)) / float64(time.Second)
}
