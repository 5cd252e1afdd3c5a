package tools

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestRead(t *testing.T) {
	dir := t.TempDir()
	elsewhere := t.TempDir()
	for _, name := range []string{"ministack", "python"} {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), nil, 0o600))
	}
	file := filepath.Join(dir, "tools.json")
	write := func(text string) { require.NoError(t, os.WriteFile(file, []byte(text), 0o600)) }

	write(`{"ministack": "ministack", "gluePython": "python", "jarsDir": "` + elsewhere + `", "glue6Python": "not/yet", "more": 1}`)
	p, err := Read(file)
	require.NoError(t, err)
	require.Equal(t, Paths{Ministack: filepath.Join(dir, "ministack"), GluePython: filepath.Join(dir, "python"), JarsDir: elsewhere, Glue6Python: filepath.Join(dir, "not", "yet")}, p)

	write(`{"ministack": "absent", "gluePython": "python", "database": "gone"}`)
	_, err = Read(file)
	require.ErrorContains(t, err, "tools in "+file)
	require.ErrorContains(t, err, "ministack: stat "+filepath.Join(dir, "absent"))
	require.ErrorContains(t, err, "jarsDir: the path is missing")
	require.ErrorContains(t, err, "database: stat")
	require.NotContains(t, err.Error(), "gluePython")

	write(`[]`)
	_, err = Read(file)
	require.ErrorContains(t, err, file)
	_, err = Read(filepath.Join(dir, "absent.json"))
	require.ErrorIs(t, err, os.ErrNotExist)
}
