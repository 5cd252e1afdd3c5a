package layers

import (
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/tests/testtools"
)

// The setup writes the file with the paths, the local AWS reads it; neither imports the other.
func TestToolsFileFormatMatches(t *testing.T) {
	paths := testtools.Paths(t)
	require.DirExists(t, paths.JarsDir)
	require.DirExists(t, paths.Database)
	require.FileExists(t, paths.Ministack)
	require.FileExists(t, paths.GluePython)
}
