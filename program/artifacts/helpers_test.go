package artifacts

import (
	"archive/zip"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"store-events/schema"
)

// fake returns a project folder with the files that packHelpers reads.
func fake(t *testing.T) string {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	require.NoError(t, err)
	for name, text := range map[string]string{
		"glue/store_events/b.py": "two", "glue/store_events/a.py": "one", "glue/store_events/notes.txt": "no",
		"glue/store_events/load/c.py": "three", "glue/store_events/__pycache__/a.pyc": "no",
	} {
		file := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o750))
		require.NoError(t, os.WriteFile(file, []byte(text), 0o600))
	}
	return dir
}

func TestHelpersAreReproducible(t *testing.T) {
	var packed [2][]byte
	for i := range packed {
		dir := fake(t)
		old := time.Now().Add(time.Duration(-i) * time.Hour)
		require.NoError(t, os.Chtimes(filepath.Join(dir, "glue/store_events/a.py"), old, old))
		target := filepath.Join(dir, "store_events.zip")
		require.NoError(t, packHelpers(dir, target))
		var err error
		packed[i], err = os.ReadFile(target) //nolint:gosec // Written above.
		require.NoError(t, err)
	}
	require.Equal(t, packed[0], packed[1])
}

func TestHelpersContainThePackageAndTheContract(t *testing.T) {
	dir := fake(t)
	target := filepath.Join(dir, "store_events.zip")
	require.NoError(t, packHelpers(dir, target))
	z, err := zip.OpenReader(target)
	require.NoError(t, err)
	defer func() { require.NoError(t, z.Close()) }()
	contents := map[string]string{}
	for _, f := range z.File {
		r, err := f.Open()
		require.NoError(t, err)
		text, err := io.ReadAll(r)
		require.NoError(t, err)
		contents[f.Name] = string(text)
	}
	require.Equal(t, map[string]string{
		"store_events/a.py": "one", "store_events/b.py": "two", "store_events/load/c.py": "three",
		"store_events/contract.json": string(schema.JSON()),
	}, contents)
}

func TestMissingHelpersAreAnError(t *testing.T) {
	dir := t.TempDir()
	require.ErrorContains(t, packHelpers(dir, filepath.Join(dir, "x.zip")), filepath.Join(dir, "glue", "store_events"))
}
