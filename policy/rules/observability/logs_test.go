package observability

import (
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRetentionIsValid(t *testing.T) {
	for days, want := range map[float64]float64{1: 1, 2: 3, 30: 30, 31: 60, 365: 365, 366: 400, 3653: 3653, 5000: 3653} {
		require.InDelta(t, want, retentionOf(days), 0, "%v", days)
	}
}
