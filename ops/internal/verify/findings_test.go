package verify

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFindingsAreBoundedAndInOrder(t *testing.T) {
	var f Findings
	for i := 99; i >= 0; i-- {
		f.Add(Finding{Key: strings.Repeat("k", i+1), Object: "o", Line: i})
	}
	require.Equal(t, 100, f.Total)
	require.Len(t, f.First, maxNamed)
	require.Equal(t, 0, f.First[0].Line)
	require.Equal(t, maxNamed-1, f.First[maxNamed-1].Line)
	require.True(t, strings.HasSuffix(f.String(), ", and 90 more"))
}
