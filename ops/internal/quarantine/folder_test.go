package quarantine

import (
	"bufio"
	"encoding/json"
	"os"
	"testing"

	"github.com/stretchr/testify/require"
)

// The job's tests read the same examples.
func TestFolder(t *testing.T) {
	file, err := os.Open("../../../schema/testdata/quarantine_folders.jsonl")
	require.NoError(t, err)
	defer func() { require.NoError(t, file.Close()) }()
	count := 0
	for lines := bufio.NewScanner(file); lines.Scan(); count++ {
		var example struct{ Key, Folder string }
		require.NoError(t, json.Unmarshal(lines.Bytes(), &example))
		require.Equal(t, example.Folder, Folder("quarantine", example.Key))
		version := example.Folder + "/0123456789abcdef"
		require.Equal(t, version, VersionFolder(version+"/000000000001-jr_1.jsonl"))
	}
	require.Greater(t, count, 4)
}
