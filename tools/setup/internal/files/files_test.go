package files

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestCopy(t *testing.T) {
	dir := t.TempDir()
	from, to := filepath.Join(dir, "from"), filepath.Join(dir, "folder", "to")
	require.NoError(t, Write(from, []byte("first")))
	copied := func() time.Time {
		require.NoError(t, Copy(from, to))
		want, err := os.ReadFile(from) //nolint:gosec // A path of this test.
		require.NoError(t, err)
		got, err := os.ReadFile(to) //nolint:gosec // A path of this test.
		require.NoError(t, err)
		require.Equal(t, want, got)
		a, err := os.Stat(from)
		require.NoError(t, err)
		b, err := os.Stat(to)
		require.NoError(t, err)
		require.Equal(t, a.Mode()&0o111, b.Mode()&0o111)
		return b.ModTime()
	}
	copied()
	old := time.Now().Add(-time.Hour).Truncate(time.Second)
	again := func() bool {
		require.NoError(t, os.Chtimes(to, old, old))
		return !copied().Equal(old)
	}
	require.False(t, again(), "an equal file is not written")
	require.NoError(t, os.WriteFile(from, []byte("other"), 0o600))
	require.True(t, again(), "other content of the same length")
	require.NoError(t, os.Chmod(from, 0o700)) //nolint:gosec // An executable.
	require.True(t, again(), "the file is an executable now")
	require.Error(t, Copy(filepath.Join(dir, "none"), to))
}
