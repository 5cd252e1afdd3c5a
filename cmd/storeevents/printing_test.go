package main

import (
	"bytes"
	"errors"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/cmd/storeevents/page"
)

// Object keys, values and reasons are written by the producers of the bucket.
func TestControlCharactersInDataAreEscaped(t *testing.T) {
	const hostile = "a\x1b[31mb\x07\u202e\xff"
	var out, errs bytes.Buffer
	a := newApp(&out, &errs)
	a.output = "text"
	require.NoError(t, a.print(nil, func(w *page.Page) {
		w.Table([]string{"KEY"}, [][]string{{hostile}, {"two\nlines"}})
		w.Println(hostile)
		w.Printf("%s\n", hostile)
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
