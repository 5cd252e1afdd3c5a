package docs

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/tests/testtools"
)

// TestEnvironmentVariables compares docs/environment.md with the variables in the code,
// outside of tests.
func TestEnvironmentVariables(t *testing.T) {
	name := regexp.MustCompile(`\b(?:STORE_EVENTS|LOCALAWS)_[A-Z_]*[A-Z]\b`)
	documented := map[string]bool{}
	for _, one := range name.FindAllString(read(t, "docs/environment.md"), -1) {
		documented[one] = true
	}
	used := map[string]bool{}
	for _, file := range testtools.Files(t, root, "*.go", "*.py") {
		if strings.HasSuffix(file, "_test.go") || strings.HasPrefix(file, "tests/policy/original/") {
			continue
		}
		source, err := os.ReadFile(filepath.Join(root, file)) //nolint:gosec // A file of the project.
		require.NoError(t, err)
		for _, quoted := range regexp.MustCompile(`["'][A-Z_]+["']|\b[A-Z_]+=`).FindAll(source, -1) {
			if found := name.FindString(string(bytes.Trim(quoted, `"'=`))); found != "" {
				used[found] = true
			}
		}
	}
	require.Greater(t, len(used), 20)
	for one := range used {
		require.True(t, documented[one], "docs/environment.md lacks %s", one)
	}
	for one := range documented {
		require.True(t, used[one], "docs/environment.md has %s, which is not used", one)
	}
}
