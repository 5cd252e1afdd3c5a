package docs

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"store-events/tests/testtools"
)

// TestHelpersOfCommandsAreListed checks that the page lists each file of the command line without a command.
func TestHelpersOfCommandsAreListed(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, "cmd", "storeevents", "*.go"))
	require.NoError(t, err)
	page := read(t, "docs/howto/add-a-command.md")
	command := regexp.MustCompile(`(?m)^func new\w+\(.*\*cobra\.Command \{`)
	var helpers []string
	for _, file := range files {
		name := filepath.Base(file)
		if !strings.HasSuffix(name, "_test.go") && !command.MatchString(read(t, filepath.Join("cmd", "storeevents", name))) {
			helpers = append(helpers, name)
		}
	}
	var listed []string
	_, table, _ := strings.Cut(page, "| files | what they do |")
	for _, m := range regexp.MustCompile("`(\\w+\\.go)`").FindAllStringSubmatch(table, -1) {
		listed = append(listed, m[1])
	}
	require.ElementsMatch(t, helpers, listed)
}

// TestHowTos follows the how-tos in a copy of the project: first all edits, then the commands
// of each page. Go's commands run in the project, with the page's edits as an overlay, so that
// only the edited packages are compiled.
func TestHowTos(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(root, "docs", "howto", "*.md"))
	require.NoError(t, err)
	require.GreaterOrEqual(t, len(files), 4)
	project := copyOfProject(t)
	cli, err := filepath.Abs(filepath.Join(root, "bin", "storeevents"))
	require.NoError(t, err)
	pages := map[string]string{}
	for _, f := range files {
		name := filepath.Join("docs", "howto", filepath.Base(f))
		pages[name] = read(t, name)
		for _, m := range regexp.MustCompile("(?s)```diff\n(.*?)```").FindAllStringSubmatch(pages[name], -1) {
			run(t, project, m[1], "git", "apply", "-C1", "-")
		}
	}
	done := map[string]bool{}
	for name, text := range pages {
		found := commands(text)
		require.NotEmpty(t, found, name)
		edits := overlay(t, project, text)
		for _, line := range found {
			if done[line] {
				continue
			}
			done[line] = true
			dir := project
			if strings.HasPrefix(line, "go ") {
				dir, line = root, "export GOFLAGS=\"$GOFLAGS -overlay="+edits+"\"; "+line
			}
			line = strings.Replace(line, "bin/storeevents", cli, 1) // Comparing contracts does not need a new binary.
			out := run(t, dir, "", "bash", "-c", line)
			if strings.Contains(line, "contract diff") {
				require.Contains(t, out, "field channel (string(32)) is added")
				require.Contains(t, out, "event type return_event (objects below return_events/) is added")
				require.Contains(t, out, "the expectations of field event_type change")
				require.Contains(t, out, "3 changes, 0 of them breaking")
			}
			if strings.HasPrefix(line, "gofmt") {
				require.Empty(t, out, "%s: gofmt has no changes", name)
			}
		}
	}
}

// The tutorial violates a rule by an edit, which tests/policy/mutation checks, and adds the field of a how-to.
func TestTutorialEditsApply(t *testing.T) {
	edits := regexp.MustCompile("(?s)```diff\n(.*?)```").FindAllStringSubmatch(read(t, "docs/tutorial.md"), -1)
	require.Len(t, edits, 2)
	for _, edit := range edits {
		run(t, root, edit[1], "git", "apply", "--check", "-C1", "-")
	}
	require.Contains(t, read(t, "docs/howto/add-a-field.md"), edits[1][1])
}

// overlay writes the file that makes the go command read a page's edited files from the
// copy. https://pkg.go.dev/cmd/go#hdr-Compile_packages_and_dependencies
func overlay(t *testing.T, project, page string) string {
	t.Helper()
	absolute, err := filepath.Abs(root)
	require.NoError(t, err)
	var o struct{ Replace map[string]string }
	o.Replace = map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^\+\+\+ b/(.+)$`).FindAllStringSubmatch(page, -1) {
		o.Replace[filepath.Join(absolute, m[1])] = filepath.Join(project, m[1])
	}
	require.NotEmpty(t, o.Replace)
	raw, err := json.Marshal(o)
	require.NoError(t, err)
	file := filepath.Join(t.TempDir(), "overlay.json")
	require.NoError(t, os.WriteFile(file, raw, 0o600))
	return file
}

// copyOfProject creates a repository with one commit of the checkout's current files.
func copyOfProject(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, name := range testtools.Files(t, root) {
		from := filepath.Join(root, name)
		info, err := os.Stat(from)
		require.NoError(t, err)
		text, err := os.ReadFile(from) //nolint:gosec // A file of the project.
		require.NoError(t, err)
		to := filepath.Join(dir, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(to), 0o750))
		require.NoError(t, os.WriteFile(to, text, info.Mode().Perm()))
	}
	run(t, dir, "", "git", "init", "-q")
	run(t, dir, "", "git", "add", "-A")
	run(t, dir, "", "git", "-c", "user.name=test", "-c", "user.email=test@example.com", "commit", "-qm", "copy")
	return dir
}

// run runs a command of a how-to, and returns its output.
func run(t *testing.T, dir, stdin string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	start := time.Now()
	cmd := exec.CommandContext(ctx, args[0], args[1:]...) //nolint:gosec // The commands are in the project's pages.
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(stdin)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s\n%s", strings.Join(args, " "), out)
	t.Logf("%.1f s: %s", time.Since(start).Seconds(), args[len(args)-1])
	return string(out)
}
