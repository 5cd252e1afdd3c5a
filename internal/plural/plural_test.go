package plural

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestCount(t *testing.T) {
	for n, want := range map[int]string{0: "0 lines", 1: "1 line", 2: "2 lines"} {
		require.Equal(t, want, Count(n, "line"))
	}
}

func TestByName(t *testing.T) {
	require.Empty(t, ByName(nil))
	require.Equal(t, "2 archived, 1 gone", ByName(map[string]int{"gone": 1, "archived": 2}))
}
