package printable

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestEscapes(t *testing.T) {
	for in, want := range map[string]string{
		"plain text, Größe, 雪":  "plain text, Größe, 雪",
		"two\nlines\tand a tab": "two\nlines\tand a tab",
		"\x1b[2J\r\b\x7f":       `\x1b[2J\r\b\x7f`,
		"\u009b31m":             `\u009b31m`,
		"abc\u202egpj":          `abc\u202egpj`,
		"\xff\xfe":              `\xff\xfe`,
	} {
		require.Equal(t, want, Text(in))
	}
	require.Equal(t, `two\nlines\t`, Line("two\nlines\t"))
}
