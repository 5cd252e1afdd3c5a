package engine

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestServerIsCopied(t *testing.T) {
	dir := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(Template(dir), "mysql"), 0o700))
	for _, name := range []string{"ibdata1", "mysql/user.frm"} {
		require.NoError(t, os.WriteFile(filepath.Join(Template(dir), name), []byte(name), 0o600))
	}
	_, err := Open(dir)
	require.ErrorIs(t, err, os.ErrNotExist, "an incomplete folder")
	require.NoError(t, os.WriteFile(filepath.Join(dir, identity), []byte(`{"name":"MySQL","version":"9.7.4"}`), 0o600))
	s, err := Open(dir)
	require.NoError(t, err)
	require.Equal(t, "MySQL 9.7.4", s.String())

	to := filepath.Join(t.TempDir(), "data")
	require.NoError(t, s.CopyData(to))
	require.FileExists(t, filepath.Join(to, "mysql", "user.frm"))
	require.ErrorIs(t, s.CopyData(to), os.ErrExist, "data is never overwritten")
}
