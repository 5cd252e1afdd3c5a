package main

import (
	"bytes"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"plain text, Größe, 雪":  "plain text, Größe, 雪",
		"two\nlines\tand a tab": "two\nlines\tand a tab",
		"\x1b]0;title\x07":      `\x1b]0;title\a`,
		"\x1b[2J\r\b\x7f":       `\x1b[2J\r\b\x7f`,
		"\u009b31m":             `\u009b31m`,
		"abc\u202egpj":          `abc\u202egpj`,
		"\xff\xfe":              `\xff\xfe`,
	} {
		require.Equal(t, want, printable(in))
	}
}

// Object keys, values and reasons are written by the producers of the bucket.
func TestControlCharactersInDataAreEscaped(t *testing.T) {
	const hostile = "a\x1b[31mb\x07\u202e\xff"
	var out, errs bytes.Buffer
	a := newApp(&out, &errs)
	a.output = "text"
	require.NoError(t, a.print(nil, func(w *page) {
		writeTable(w, []string{"KEY"}, [][]string{{hostile}, {"two\nlines"}})
		w.println(hostile)
		w.printf("%s\n", hostile)
	}))
	a.fail(errors.New(hostile))
	a.progress("reading %s", hostile)
	for _, text := range []string{out.String(), errs.String()} {
		require.NotContains(t, text, "\x1b")
		require.NotContains(t, text, "\x07")
		require.NotContains(t, text, "\u202e")
		require.NotContains(t, text, "\xff")
		require.Contains(t, text, `a\x1b[31mb\a\u202e\xff`)
	}
	require.Contains(t, out.String(), `two\nlines`, "a cell is one line")
}
