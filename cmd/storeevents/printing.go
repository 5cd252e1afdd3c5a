package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"store-events/cmd/storeevents/page"
	"store-events/internal/printable"
)

// print writes a command's result: value as one JSON document, or the text for
// people.
func (a *app) print(value any, text func(w *page.Page)) error {
	out := a.result()
	if a.output == "json" {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		return enc.Encode(value)
	}
	w := page.For(out)
	text(w)
	if _, err := io.WriteString(out, w.String()); err != nil {
		return fmt.Errorf("write the result: %w", err)
	}
	return nil
}

// result returns the writer of a command's result. It removes the progress line, which may
// be on the same terminal.
func (a *app) result() io.Writer {
	a.end(nil)
	return a.out
}

// fail reports a command's error with advice: on stderr for people, and as the JSON
// document on stdout for programs.
func (a *app) fail(err error) {
	next := a.nextStep(err)
	if (a.output == "json" || asksForJSON(a.args)) && !reported(err) {
		doc := struct {
			Error string `json:"error"`
			Next  string `json:"next,omitempty"`
		}{err.Error(), next}
		_ = json.NewEncoder(a.out).Encode(doc) // An error here cannot be reported.
	}
	_, _ = fmt.Fprintln(a.err, "storeevents:", strings.TrimRight(printable.Text(err.Error()), "\n"))
	if next != "" {
		_, _ = fmt.Fprintln(a.err, "next:", printable.Text(next))
	}
}

// asksForJSON reports whether arguments that may be invalid select JSON. It ignores flags after an unknown one.
func asksForJSON(args []string) bool {
	f := pflag.NewFlagSet("", pflag.ContinueOnError)
	f.ParseErrorsAllowlist.UnknownFlags = true
	output, format := f.StringP("output", "o", "", ""), f.String("format", "", "")
	f.Usage = func() {}
	_ = f.Parse(args) // Flags before an error are set.
	return *output == "json" || *format == "json"
}

// progress writes a progress message to stderr. Write errors are ignored.
func (a *app) progress(format string, args ...any) {
	text := printable.Text(fmt.Sprintf(format, args...))
	if a.working == nil {
		_, _ = fmt.Fprintln(a.err, text)
		return
	}
	a.working.report(text)
	a.working.line.Print(a.err, text)
}

// reportedError is an error of a command that has already printed its JSON document.
type reportedError struct{ error }

func (e *reportedError) Unwrap() error { return e.error }

func reported(err error) bool {
	var r *reportedError
	return errors.As(err, &r)
}

func seconds(d time.Duration) float64 {
	return float64(d.Round(10*time.Millisecond)) / float64(time.Second)
}
