package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/tests/testtools"
)

// TestTroubleshootingQuotesRealErrors looks for each heading in the source of the tools.
func TestTroubleshootingQuotesRealErrors(t *testing.T) {
	var source strings.Builder
	for _, name := range testtools.Files(t, root, "*.go", "*.py") {
		if strings.HasSuffix(name, "_test.go") || strings.Contains(name, "/tests/") || strings.HasPrefix(name, "tests/") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(root, name)) //nolint:gosec // A file of the project.
		require.NoError(t, err)
		source.Write(text)
	}
	quoted := regexp.MustCompile("(?m)^### `(.+)`$").FindAllStringSubmatch(read(t, "docs/troubleshooting.md"), -1)
	require.Greater(t, len(quoted), 20)
	for _, m := range quoted {
		require.Contains(t, source.String(), m[1])
	}
}
