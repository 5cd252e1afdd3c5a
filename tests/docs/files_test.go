package docs

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/tests/testtools"
)

// The pages name source files relative to the root, or to one of these folders.
var sourceFolders = []string{"", "glue/store_events", "localaws", "policy"}

func TestFilesNamedInPagesExist(t *testing.T) {
	named := regexp.MustCompile("`((?:[a-z_0-9]+/)+[a-z_0-9]+\\.(?:go|py))`")
	found := 0
	for _, page := range testtools.Files(t, root, "*.md", ":!CHANGELOG.md", ":!docs/howto") {
		for _, m := range named.FindAllStringSubmatch(read(t, page), -1) {
			found++
			require.True(t, slices.ContainsFunc(append(sourceFolders, filepath.Dir(page)), func(folder string) bool {
				_, err := os.Stat(filepath.Join(root, folder, m[1]))
				return err == nil
			}), "%s names %s", page, m[1])
		}
	}
	require.Greater(t, found, 20)
}
