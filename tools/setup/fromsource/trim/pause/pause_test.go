package pause

import (
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestPausesAreDroppedOnlyForAnEmulator(t *testing.T) {
	t.Cleanup(func() { emulated.Store(false) })
	require.Equal(t, time.Minute, Of(time.Minute))
	for _, c := range []struct {
		endpoints map[string]string
		want      time.Duration
	}{
		{nil, time.Minute},
		{map[string]string{"s3": "http://127.0.0.1:4566", "iam": "http://localhost:4566", "sts": "http://[::1]:1"}, 0},
		{map[string]string{"s3": "http://127.0.0.1:4566", "iam": "https://iam.example.com"}, time.Minute},
		{map[string]string{"s3": "https://10.0.0.1"}, time.Minute},
	} {
		For(c.endpoints)
		require.Equal(t, c.want, Of(time.Minute), "%v", c.endpoints)
	}
}
