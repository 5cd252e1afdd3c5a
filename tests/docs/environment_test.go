package docs

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestEnvironmentVariables compares docs/environment.md with the variables that the
// code names, outside tests.
func TestEnvironmentVariables(t *testing.T) {
	name := regexp.MustCompile(`\b(?:STORE_EVENTS|LOCALAWS)_[A-Z_]*[A-Z]\b`)
	documented := map[string]bool{}
	for _, one := range name.FindAllString(read(t, "docs/environment.md"), -1) {
		documented[one] = true
	}
	command := exec.CommandContext(t.Context(), "git", "ls-files", "*.go", "*.py")
	command.Dir = root
	files, err := command.Output()
	require.NoError(t, err)
	used := map[string]bool{}
	for file := range strings.Lines(string(files)) {
		file = strings.TrimSpace(file)
		if strings.HasSuffix(file, "_test.go") || strings.HasPrefix(file, "tests/policy/original/") {
			continue
		}
		source, err := os.ReadFile(filepath.Join(root, file)) //nolint:gosec // A file of the project.
		if os.IsNotExist(err) {                               // Deleted, and not committed yet.
			continue
		}
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
		require.True(t, used[one], "docs/environment.md has %s, which nothing reads", one)
	}
}
