package testtools

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// Files lists the project's files that git does not ignore, relative to root, without those that are deleted.
// Pathspecs, such as "*.go", limit the list.
//
// The go command keeps the result of a test until a file or folder changes that the test has looked at. It does not
// see what git looks at, so Files looks at the files and the folders that they are in: a new one makes the test run
// again. It leaves out the root, which changes with much that no test reads: a new file there is noticed with the
// next change.
func Files(t testing.TB, root string, pathspecs ...string) []string {
	t.Helper()
	args := append([]string{"-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"}, pathspecs...)
	out, err := exec.CommandContext(t.Context(), "git", args...).Output() //nolint:gosec // The tests' pathspecs.
	if err != nil {
		t.Fatalf("git ls-files in %s: %v", root, err)
	}
	var names []string
	seen := map[string]bool{filepath.Clean(root): true}
	for name := range strings.FieldsFuncSeq(string(out), func(r rune) bool { return r == 0 }) {
		file := filepath.Join(root, name)
		for folder := filepath.Dir(file); !seen[folder]; folder = filepath.Dir(folder) {
			seen[folder] = true
			_, _ = os.Stat(folder) // A folder that is gone has no files either.
		}
		if _, err := os.Lstat(file); err == nil {
			names = append(names, name)
		}
	}
	return names
}
