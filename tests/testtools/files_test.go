package testtools

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// The log of a test binary lists what the go command checks before it reuses a cached result. Here it is this test's
// own binary, which runs the function that the variable names.
const does = "TESTTOOLS_DOES"

func seen(t *testing.T, what string) []string {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	log := filepath.Join(t.TempDir(), "log")
	child := exec.CommandContext(t.Context(), self, "-test.run=^"+t.Name()+"$", "-test.testlogfile="+log) //nolint:gosec // This test's own binary.
	child.Env = append(os.Environ(), does+"="+what)
	out, err := child.CombinedOutput()
	require.NoError(t, err, string(out))
	text, err := os.ReadFile(log) //nolint:gosec // A path of this test.
	require.NoError(t, err)
	return strings.Split(string(text), "\n")
}

func TestGoCommandSeesFiles(t *testing.T) {
	if dir := os.Getenv(does); dir != "" {
		require.Equal(t, []string{"a/b/c.go", "top.go"}, Files(t, dir, "*.go"))
		return
	}
	dir := t.TempDir()
	out, err := exec.CommandContext(t.Context(), "git", "init", "-q", dir).CombinedOutput() //nolint:gosec // A path of this test.
	require.NoError(t, err, string(out))
	for _, name := range []string{"top.go", "a/b/c.go"} {
		file := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(file), 0o700))
		require.NoError(t, os.WriteFile(file, nil, 0o600))
	}
	require.Empty(t, Files(t, dir, "*.py"))
	all := seen(t, dir)
	for _, name := range []string{"top.go", "a/b/c.go", "a/b", "a"} {
		require.Contains(t, all, "stat "+filepath.Join(dir, name))
	}
	require.NotContains(t, all, "stat "+dir)
}

func TestGoCommandSeesTheDependencyOnTools(t *testing.T) {
	uses := map[string]func(testing.TB){
		"paths":  func(t testing.TB) { Paths(t) },
		"python": func(t testing.TB) { Python(t) },
		"pulumi": func(t testing.TB) { Pulumi(t) },
	}
	if use := uses[os.Getenv(does)]; use != nil {
		use(t)
		return
	}
	for what := range uses {
		require.Contains(t, seen(t, what), "getenv LOCALAWS_TOOLS_OF", what)
	}
}
