package docs

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestCommandReference compares docs/cli.md with the commands.
func TestCommandReference(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), root+"/bin/storeevents", "reference")
	cmd.Env = append(os.Environ(), "STORE_EVENTS_STACK=other", "STORE_EVENTS_PORT=1", "STORE_EVENTS_STATE=/none") // No tools on PATH, as they could appear in the help.
	out, err := cmd.Output()
	require.NoError(t, err)
	page := filepath.Join("docs", "cli.md")
	if *update {
		require.NoError(t, os.WriteFile(filepath.Join(root, page), out, 0o644)) //nolint:gosec // A page of the project.
	}
	require.Equal(t, string(out), read(t, page), "run go test ./tests/docs -run TestCommandReference -update")
}

func TestManPages(t *testing.T) {
	dir := t.TempDir()
	out, err := exec.CommandContext(t.Context(), root+"/bin/storeevents", "reference", "--man", dir).CombinedOutput() //nolint:gosec // The project's command line.
	require.NoError(t, err, string(out))
	pages, err := filepath.Glob(filepath.Join(dir, "*.1"))
	require.NoError(t, err)
	require.Greater(t, len(pages), 30, "one for each command")
	raw, err := os.ReadFile(filepath.Join(dir, "storeevents-quarantine-show.1")) //nolint:gosec // Written above.
	require.NoError(t, err)
	require.Contains(t, string(raw), ".TH \"STOREEVENTS")
	require.Contains(t, string(raw), "quarantined lines of an object")
}
