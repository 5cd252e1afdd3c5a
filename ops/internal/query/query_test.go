package query

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRaggedOutputIsAnError(t *testing.T) {
	require.ErrorContains(t, visitTabSeparated(strings.NewReader("a\tb\n1\n"), &Rows{}), "row 1 has 1 values, not 2")
}

func TestQuoting(t *testing.T) {
	require.Equal(t, "`a``b`", Identifier("a`b"))
	require.Equal(t, `"a""b"`, AthenaIdentifier(`a"b`))
	require.Equal(t, `'it''s \\'`, Literal(`it's \`))
	require.Equal(t, `'it''s'`, AthenaLiteral(`it's`))
}
