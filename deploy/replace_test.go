package deploy

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestFilesAreReplacedAtomically(t *testing.T) {
	dir := t.TempDir()
	file, link := filepath.Join(dir, "file"), filepath.Join(dir, "link")
	require.NoError(t, replace(file, []byte("a")))
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode())
	require.NoError(t, os.Chmod(file, 0o644)) //nolint:gosec // A user's file.
	require.NoError(t, os.Symlink(file, link))
	reader, err := os.Open(file) //nolint:gosec // A path of this test.
	require.NoError(t, err)
	defer func() { _ = reader.Close() }()
	require.NoError(t, replace(link, []byte("b")))
	old := make([]byte, 2)
	n, err := reader.Read(old)
	require.NoError(t, err)
	require.Equal(t, "a", string(old[:n]), "an open file keeps its content")
	got, err := os.ReadFile(file) //nolint:gosec // A path of this test.
	require.NoError(t, err)
	require.Equal(t, "b", string(got))
	info, err = os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o644), info.Mode(), "the mode is kept")
	info, err = os.Lstat(link)
	require.NoError(t, err)
	require.NotZero(t, info.Mode()&os.ModeSymlink, "the link is kept")
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 2)
}
