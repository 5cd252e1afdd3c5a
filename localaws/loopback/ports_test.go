package loopback

import (
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFreePortsDifferAndAreNotForOutgoingConnections(t *testing.T) {
	ports, err := FreePorts(t.Context(), 500)
	require.NoError(t, err)
	slices.Sort(ports)
	require.Len(t, slices.Compact(ports), 500)
	require.GreaterOrEqual(t, ports[0], 1024)
	require.Less(t, ports[499], 32768)
}
