package project

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func write(t *testing.T, file, text string) {
	t.Helper()
	require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
	require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
}

func TestFind(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "Pulumi.yaml"), "name: store-events\nruntime: go\n")
	// The project of another program inside this one.
	write(t, filepath.Join(dir, "glue", "Pulumi.yaml"), "name: other\n")
	deep := filepath.Join(dir, "glue", "tests")
	require.NoError(t, os.MkdirAll(deep, 0o700))
	for _, from := range []string{dir, deep} {
		found, err := Find(from)
		require.NoError(t, err)
		require.Equal(t, dir, found)
	}
	t.Chdir(deep)
	found, err := Find(".")
	require.NoError(t, err)
	require.Equal(t, dir, found)
}

func TestNoProject(t *testing.T) {
	_, err := Find(t.TempDir())
	require.ErrorContains(t, err, "no Pulumi.yaml of project store-events")
	dir := t.TempDir()
	write(t, filepath.Join(dir, "Pulumi.yaml"), "name: [")
	_, err = Find(dir)
	require.ErrorContains(t, err, filepath.Join(dir, "Pulumi.yaml"))
}
