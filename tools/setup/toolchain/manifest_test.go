package toolchain

import (
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/tools/setup/dbserver"
)

func TestManifestNamesTheToolsOfTheLocalAWS(t *testing.T) {
	r := newRig(t)
	user := t.TempDir()
	t.Setenv("XDG_CACHE_HOME", user)
	t.Setenv("STORE_EVENTS_CACHE", r.cache)
	read := func(file string) map[string]string {
		raw, err := os.ReadFile(file) //nolint:gosec // a path of this test
		require.NoError(t, err)
		var m map[string]string
		require.NoError(t, json.Unmarshal(raw, &m))
		return m
	}
	require.NoError(t, r.writeManifest(t.Context()))
	m := read(r.in("localaws.json"))
	require.Equal(t, r.in("emulator", "bin", "ministack"), m["ministack"])
	require.Equal(t, r.in("glue", "bin", "python"), m["gluePython"])
	require.Equal(t, r.in("jars"), m["jarsDir"])
	require.Equal(t, r.in("glue6", "bin", "python"), m["glue6Python"], "although it is not set up yet")
	require.Equal(t, r.in("jars6"), m["glue6JarsDir"])
	require.NotContains(t, m, "database", "no server was chosen yet")
	require.NoFileExists(t, filepath.Join(user, "localaws", "tools.json"), "this cache is not the default one")

	r.cache = filepath.Join(user, "store-events")
	require.NoError(t, r.choose(dbserver.Choice{Folder: "path", Server: "MySQL"}))
	require.NoError(t, r.writeManifest(t.Context()))
	require.Equal(t, r.in("database", "path"), read(r.in("localaws.json"))["database"])
	require.Equal(t, read(r.in("localaws.json")), read(filepath.Join(user, "localaws", "tools.json")))
}
