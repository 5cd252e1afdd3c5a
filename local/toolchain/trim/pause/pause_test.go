package pause

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPausesAreDroppedOnlyForAnEmulator(t *testing.T) {
	t.Cleanup(func() { emulated.Store(false) })
	require.Equal(t, time.Minute, Of(time.Minute))
	Emulated()
	require.Zero(t, Of(time.Minute))
}
