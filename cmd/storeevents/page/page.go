// Package page formats the results of commands for people: text, tables and colors. It
// escapes control characters, because anybody who can write to the bucket chooses keys
// and lines.
package page

import (
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"store-events/internal/printable"
	"store-events/tools/setup/liveline"
)

// Page is the text of a result. The zero Page is for a pipe: without colors, and with
// complete tables.
type Page struct {
	strings.Builder
	// Colored enables colors.
	Colored bool
	// Width is the terminal's width in characters, to which tables are cut; 0 if the
	// output is not a terminal.
	Width int
}

// For returns an empty page for an output.
func For(out io.Writer) *Page { return &Page{Colored: colored(out), Width: liveline.Width(out)} }

// Printf formats as fmt.Printf, and escapes the result.
func (w *Page) Printf(format string, args ...any) {
	_, _ = w.WriteString(printable.Text(fmt.Sprintf(format, args...)))
}

// Println formats as fmt.Println, and escapes the result.
func (w *Page) Println(args ...any) { _, _ = w.WriteString(printable.Text(fmt.Sprintln(args...))) }

// Raw writes text that is already printable, including color codes.
func (w *Page) Raw(text string) { _, _ = w.WriteString(text) }

// colored reports whether out is a terminal with color enabled (no-color.org).
func colored(out io.Writer) bool {
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && IsTerminal(out)
}

// IsTerminal reports whether a stream is a terminal.
func IsTerminal(stream any) bool {
	f, ok := stream.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}
