package database_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"localaws/database"
	"localaws/testtools"
)

func TestIdentifiers(t *testing.T) {
	for _, id := range []string{"a", "Events-DB", "a1-2-b", strings.Repeat("a", 63)} {
		require.NoError(t, database.CheckID(id), id)
	}
	for _, id := range badIDs {
		require.Error(t, database.CheckID(id), id)
	}
}

var badIDs = []string{
	"", ".", "..", "../victim", "a/../../victim", "/etc", "a/b", `a\b`, "a.b", "1a", "-a", "a-", "a--b", "a b", "a\x00b", "a\n", "é",
	"%2e%2e", strings.Repeat("a", 64),
}

// Names that contain a path must neither create nor remove files.
func TestIdentifiersCannotLeaveTheFolder(t *testing.T) {
	parent := t.TempDir()
	victim := filepath.Join(parent, "victim")
	require.NoError(t, os.Mkdir(victim, 0o700))
	require.NoError(t, os.WriteFile(filepath.Join(victim, "precious"), nil, 0o600))
	servers := open(t, testtools.Database(t), filepath.Join(parent, "database"))
	for _, id := range badIDs {
		s := spec(t)
		s.ID = id
		var invalid *database.InvalidIDError
		require.ErrorAs(t, servers.Create(t.Context(), s), &invalid, "%q", id)
		_ = servers.Delete(id)
	}
	require.FileExists(t, filepath.Join(victim, "precious"))
	require.Empty(t, servers.List())
}
