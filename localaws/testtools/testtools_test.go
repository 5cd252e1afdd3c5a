package testtools

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The go command caches results by the variables in the log of the test binary, here this one.
func TestGoCommandSeesTheDependencyOnTools(t *testing.T) {
	const child = "TESTTOOLS_CHILD"
	if os.Getenv(child) != "" {
		Paths(t)
		return
	}
	self, err := os.Executable()
	require.NoError(t, err)
	log := filepath.Join(t.TempDir(), "log")
	cmd := exec.CommandContext(t.Context(), self, "-test.run=^"+t.Name()+"$", "-test.testlogfile="+log) //nolint:gosec // This test's own binary.
	cmd.Env = append(os.Environ(), child+"=1")
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, string(out))
	seen, err := os.ReadFile(log) //nolint:gosec // A path of this test.
	require.NoError(t, err)
	require.Contains(t, strings.Split(string(seen), "\n"), "getenv LOCALAWS_TOOLS_OF")
}
