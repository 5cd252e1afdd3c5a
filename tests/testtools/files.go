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
// The go command keeps the result of a test until a file or folder changes that the test has opened. It does not
// see what git opens, so Files opens the folders: a new file makes the test run again. It leaves out the root, which
// changes with each line of the change log: a new file there is noticed with the next change.
func Files(t testing.TB, root string, pathspecs ...string) []string {
	t.Helper()
	args := append([]string{"-C", root, "ls-files", "-z", "--cached", "--others", "--exclude-standard", "--"}, pathspecs...)
	out, err := exec.CommandContext(t.Context(), "git", args...).Output() //nolint:gosec // The tests' pathspecs.
	if err != nil {
		t.Fatalf("git ls-files in %s: %v", root, err)
	}
	var names []string
	opened := map[string]bool{}
	for name := range strings.SplitSeq(strings.TrimRight(string(out), "\x00"), "\x00") {
		file := filepath.Join(root, name)
		if folder := filepath.Dir(file); !opened[folder] && folder != filepath.Clean(root) {
			opened[folder] = true
			_, _ = os.ReadDir(folder) // A folder that is gone has no files either.
		}
		if _, err := os.Lstat(file); err == nil {
			names = append(names, name)
		}
	}
	return names
}
