package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestReportReplacesItsFile(t *testing.T) {
	dir := t.TempDir()
	name := filepath.Join(dir, "report.html")
	require.NoError(t, os.WriteFile(name, []byte("an older, longer report"), 0o644)) //nolint:gosec // Readable by others, as an older file may be.
	require.NoError(t, replaceFile(name, []byte("new")))
	content, err := os.ReadFile(name) //nolint:gosec // The test's own file.
	require.NoError(t, err)
	require.Equal(t, "new", string(content))
	info, err := os.Stat(name)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "it has keys and lines")

	require.Error(t, replaceFile(filepath.Join(dir, "none", "report.html"), nil))
	require.Error(t, replaceFile(dir, []byte("x")))
	left, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, left, 1, "nothing is left behind")
}
