package atomicfile

import (
	"io"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestWrite(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "file")
	require.NoError(t, Write(path, []byte("a")))
	reader, err := os.Open(path) //nolint:gosec // a path of this test
	require.NoError(t, err)
	defer func() { _ = reader.Close() }()
	require.NoError(t, Write(path, []byte("b")))
	old, err := io.ReadAll(reader)
	require.NoError(t, err)
	require.Equal(t, "a", string(old), "an open file keeps its content")
	content, err := os.ReadFile(path) //nolint:gosec // a path of this test
	require.NoError(t, err)
	require.Equal(t, "b", string(content))
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode())
	require.Error(t, Write(filepath.Join(dir, "none", "file"), nil))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1)
}
