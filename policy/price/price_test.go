package price

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestPriceList(t *testing.T) {
	table, err := Load()
	require.NoError(t, err)
	require.Greater(t, len(table.prices), 30)
	require.False(t, table.Date.IsZero())
	require.Len(t, table.prices, strings.Count(string(list), "\n")-5, "no item is listed twice")
	for item, p := range table.prices {
		require.Greater(t, p.USD, 0.0, item)
		require.True(t, slices.Contains([]string{"month", "hour", "GiB month"}, p.Unit), item)
		require.Regexp(t, `^https://aws\.amazon\.com/[a-z0-9/-]+/pricing/`, p.Page, item)
	}
}

func TestJobsOfGlue6CostLess(t *testing.T) {
	table, err := Load()
	require.NoError(t, err)
	for version, want := range map[string]float64{"": 0.44, "4.0": 0.44, "5.1": 0.44, "6.0": 0.308, "10.0": 0.308} {
		p, known := table.Of(GlueJobDPU(version))
		require.True(t, known, version)
		require.InDelta(t, want, p.USD, 0, version)
	}
}

func TestMonthly(t *testing.T) {
	table, err := Load()
	require.NoError(t, err)
	nat, known := table.Of("nat gateway")
	require.True(t, known)
	require.InDelta(t, 32.85, nat.Monthly(), 0.001)
	key, _ := table.Of("kms key")
	require.InDelta(t, 1, key.Monthly(), 0)
	_, known = table.Of("mysql db.x99.metal")
	require.False(t, known)
}
