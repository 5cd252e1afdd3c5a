package report

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReportComparesMedians(t *testing.T) {
	r := Report{
		Stack: "dev", Resources: 3,
		Without: []Cost{{9, 1}, {2, 1}, {1, 1}}, With: []Cost{{1, 2}, {3, 2}, {4, 2}, {90, 9}},
	}
	r.Conclude()
	require.Equal(t, Cost{Seconds: 1.75, Processor: 2}, r.Ratio, "an outlier doesn't count")
	var text strings.Builder
	require.NoError(t, r.Write(&text))
	require.Contains(t, text.String(), "by the clock       2.00 s   3.50 s    1.75\n")
}
