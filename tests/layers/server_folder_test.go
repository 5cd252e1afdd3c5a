package layers

import (
	"os"
	"testing"

	"github.com/stretchr/testify/require"

	"localaws/database/engine"
	"store-events/tools/setup/dbserver"
)

// The setup writes the folder of a database server and the local AWS reads it. Neither imports the other, so
// both define the names of the files.
func TestServerFolderFormatMatches(t *testing.T) {
	dir := t.TempDir()
	require.Equal(t, dbserver.Program(dir), engine.Program(dir))
	require.Equal(t, dbserver.Template(dir), engine.Template(dir))
	require.NoError(t, os.Mkdir(dbserver.Template(dir), 0o700))
	require.NoError(t, dbserver.Seal(dir, dbserver.Engine{Name: dbserver.MySQL, Version: "9.7.4"}))
	server, err := engine.Open(dir)
	require.NoError(t, err)
	require.Equal(t, engine.Engine{Name: engine.MySQL, Version: "9.7.4"}, server.Engine)
	require.Equal(t, []string{dbserver.MySQL, dbserver.MariaDB}, []string{engine.MySQL, engine.MariaDB})
}
