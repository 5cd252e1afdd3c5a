package docs

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTroubleshootingQuotesRealErrors looks for each heading in the source of the tools.
func TestTroubleshootingQuotesRealErrors(t *testing.T) {
	out, err := exec.CommandContext(t.Context(), "git", "-C", root, "ls-files", "*.go", "*.py").Output()
	require.NoError(t, err)
	var source strings.Builder
	for _, name := range strings.Fields(string(out)) {
		if strings.HasSuffix(name, "_test.go") || strings.Contains(name, "/tests/") || strings.HasPrefix(name, "tests/") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(root, name)) //nolint:gosec // A file of the project.
		if os.IsNotExist(err) {
			continue // Deleted, but not yet committed.
		}
		require.NoError(t, err)
		source.Write(text)
	}
	quoted := regexp.MustCompile("(?m)^### `(.+)`$").FindAllStringSubmatch(read(t, "docs/troubleshooting.md"), -1)
	require.Greater(t, len(quoted), 20)
	for _, m := range quoted {
		require.Contains(t, source.String(), m[1])
	}
}
