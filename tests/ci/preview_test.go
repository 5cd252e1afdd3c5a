package ci

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

// checkout returns a repository with the script and the renderer, and a fake storeevents
// whose first commit has the base costs.
func checkout(t *testing.T, baseSetup string) (dir, base string) {
	t.Helper()
	dir = t.TempDir()
	for _, name := range []string{"tools/preview-stacks", "tools/previewcomment/main.go", "tools/previewcomment/render.go", "tools/previewcomment/compare.go"} {
		write(t, filepath.Join(dir, name), content(t, filepath.Join(root, name)))
	}
	write(t, filepath.Join(dir, "go.mod"), "module example\n\ngo 1.26\n")
	write(t, filepath.Join(dir, "Makefile"), "setup:\n\t@"+baseSetup+"\n")
	write(t, filepath.Join(dir, "storeevents"), "#!/bin/sh\necho '{\"changes\":{\"create\":1},\"cost\":{\"monthly_usd\":61,\"items\":[]}}'\n")
	git := func(args ...string) string {
		cmd := exec.CommandContext(t.Context(), "git", append([]string{"-c", "user.name=t", "-c", "user.email=t@example.com"}, args...)...) //nolint:gosec // Arguments of this test.
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
		return string(out[:max(len(out)-1, 0)])
	}
	git("init", "--quiet")
	git("add", "--all")
	git("commit", "--quiet", "--message", "base")
	return dir, git("rev-parse", "HEAD")
}

const copyProgram = "mkdir -p bin && cp storeevents bin/"

func TestStacksAreComparedWithTheBase(t *testing.T) {
	dir, base := checkout(t, copyProgram)
	write(t, filepath.Join(dir, "bin", "storeevents"), "#!/bin/sh\necho '{\"cost\":{\"monthly_usd\":71,\"items\":[]}}'\n")
	summary := filepath.Join(t.TempDir(), "summary.md")
	status, out := script(t, dir, "tools/preview-stacks", nil, "GOWORK=off", "BASE="+base, "GITHUB_STEP_SUMMARY="+summary)
	require.Zero(t, status, out)
	comment := content(t, filepath.Join(dir, "bin", "preview", "comment.md"))
	require.Contains(t, comment, "| `dev` | passed |  | none | 71.00 USD, base 61.00: **+10.00** |")
	require.Contains(t, comment, "| `prod` |")
	require.Equal(t, comment, content(t, summary))
}

func TestFailedPreviewIsInTheComment(t *testing.T) {
	dir, base := checkout(t, "false")
	write(t, filepath.Join(dir, "bin", "storeevents"), "#!/bin/sh\necho '{\"error\":\"a policy refuses\"}'\nexit 1\n")
	status, out := script(t, dir, "tools/preview-stacks", nil, "GOWORK=off", "BASE="+base, "STACKS=prod", "GITHUB_STEP_SUMMARY=")
	require.Equal(t, 1, status)
	require.Contains(t, out, "no preview of "+base, "a base that cannot be built is not an error")
	comment := content(t, filepath.Join(dir, "bin", "preview", "comment.md"))
	require.Contains(t, comment, "| `prod` | **failed** |")
	require.Contains(t, comment, "`a policy refuses`")
	require.NotContains(t, comment, "`dev`")
}

// The action runs on another project. The engine of that project is not available here,
// so that the test uses a stack that does not exist.
func TestActionRendersAComment(t *testing.T) {
	project, runner := t.TempDir(), t.TempDir()
	write(t, filepath.Join(project, "Pulumi.yaml"), "name: other\nruntime: yaml\n")
	write(t, filepath.Join(project, "Pulumi.dev.yaml"), "config: {}\n")
	output := filepath.Join(runner, "output")
	status, out := script(t, root, ".github/actions/preview/preview", nil, "STACK=stage", "PROJECT="+project, "POLICY_PACK="+project,
		"BASE_PROJECT="+project, "RUNNER_TEMP="+runner, "GITHUB_OUTPUT="+output)
	require.Equal(t, 1, status, out)
	got := content(t, output)
	require.Regexp(t, `^previews=\S+\ncomment<<([0-9a-f]{32})\n<!-- store-events preview -->\n`, got)
	require.Contains(t, got, "| `stage` | **failed** |")
	require.Contains(t, got, "there are: dev")
	entries, err := os.ReadDir(runner)
	require.NoError(t, err)
	require.Len(t, entries, 2, "the outputs and one folder of previews")
}
