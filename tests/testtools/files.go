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
// The go command caches the result of a test until a file or folder that the test has accessed changes. It does not
// notice what git accesses, so Files accesses the files and their folders: a new file makes the test run again. It
// omits the root, which often changes for other reasons: a new file there is noticed with the next change.
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
			_, _ = os.Stat(folder) // A deleted folder has no files either.
		}
		if _, err := os.Lstat(file); err == nil {
			names = append(names, name)
		}
	}
	return names
}
