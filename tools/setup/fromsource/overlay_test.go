package fromsource

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/tools/setup/fromsource/trim"
	"store-events/tools/setup/internal/files"
)

func TestOverlay(t *testing.T) {
	put := func(root, name, text string) {
		require.NoError(t, files.Write(filepath.Join(root, name), []byte(text)))
	}
	module, root, dest := t.TempDir(), t.TempDir(), t.TempDir()
	put(module, "go.mod", "module example.com/m")
	put(module, "a/one.go", "one")
	put(module, "a/two.go", "two")
	put(module, "a/two_test.go", "test")
	put(module, "b/x.go", "x")
	put(module, "b/y.go", "y")
	put(module, "b/testdata/z.go", "z")
	put(root, "example.com/m/a/two.go", "other two")
	put(root, "example.com/m/b/whole.go", "all of b")
	m := trim.Module{Path: "example.com/m", Dir: module}
	require.NoError(t, Overlay(m, root, dest))

	got := map[string]string{}
	copied := os.DirFS(filepath.Join(dest, "example.com/m"))
	require.NoError(t, fs.WalkDir(copied, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		b, err := fs.ReadFile(copied, name)
		got[name] = string(b)
		return err
	}))
	require.Equal(t, map[string]string{"go.mod": "module example.com/m", "a/one.go": "one", "a/two.go": "other two", "b/whole.go": "all of b"}, got)

	put(root, "example.com/m/a/three.go", "three")
	require.ErrorContains(t, Overlay(m, root, dest), "there is no file to replace")
}
