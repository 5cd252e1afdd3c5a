package main

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReportComparesMedians(t *testing.T) {
	r := report{
		Stack: "dev", Resources: 3,
		Without: []cost{{9, 1}, {2, 1}, {1, 1}}, With: []cost{{1, 2}, {3, 2}, {4, 2}, {90, 9}},
	}
	r.conclude()
	require.Equal(t, cost{Seconds: 1.75, Processor: 2}, r.Ratio, "an outlier doesn't count")
	var text strings.Builder
	require.NoError(t, r.write(&text))
	require.Contains(t, text.String(), "by the clock       2.00 s   3.50 s    1.75\n")
}
