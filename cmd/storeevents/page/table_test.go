package page

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestTables(t *testing.T) {
	var b Page
	b.Table([]string{"TABLE", "ROWS"}, [][]string{{"txns_sale_events", "12"}, {"txns", "1234"}})
	require.Equal(t, strings.Join([]string{
		"TABLE             ROWS",
		"------------------------",
		"txns_sale_events    12",
		"txns              1234",
		"",
	}, "\n"), b.String())
}

// The ends of keys and names distinguish them.
func TestWideCellsAreCutInTheMiddle(t *testing.T) {
	require.Equal(t, "abcd…wxyz", shorten("abcdefghijklmnopqrstuvwxyz", 9))
	require.Equal(t, "short", shorten("short", 9))
}
