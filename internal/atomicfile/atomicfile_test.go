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
	file := filepath.Join(dir, "file")
	require.NoError(t, Write(file, []byte("a"), 0o600))
	reader, err := os.Open(file) //nolint:gosec // A path of this test.
	require.NoError(t, err)
	defer func() { _ = reader.Close() }()
	require.NoError(t, Write(file, []byte("b"), 0o644))
	old, err := io.ReadAll(reader)
	require.NoError(t, err)
	require.Equal(t, "a", string(old), "an open file keeps its content")
	content, err := os.ReadFile(file) //nolint:gosec // A path of this test.
	require.NoError(t, err)
	require.Equal(t, "b", string(content))
	info, err := os.Stat(file)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o644), info.Mode())
	require.Error(t, Write(filepath.Join(dir, "none", "file"), nil, 0o600))
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 1)
}
