package ci

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// onceWorld is a repository with a suite that reads the folder "read", and counts its runs.
type onceWorld struct {
	t   *testing.T
	dir string
}

func newOnceWorld(t *testing.T) onceWorld {
	t.Helper()
	w := onceWorld{t: t, dir: t.TempDir()}
	write(t, filepath.Join(w.dir, "once.sh"), content(t, filepath.Join(root, "tests", "once.sh")))
	write(t, filepath.Join(w.dir, "read", "a"), "a")
	write(t, filepath.Join(w.dir, "other"), "o")
	write(t, filepath.Join(w.dir, ".gitignore"), "/passed/\n/ran\n")
	out, err := exec.CommandContext(t.Context(), "git", "init", "-q", w.dir).CombinedOutput() //nolint:gosec // A path of this test.
	require.NoError(t, err, string(out))
	w.git("add", "-A")
	return w
}

func (w onceWorld) git(args ...string) {
	w.t.Helper()
	out, err := exec.CommandContext(w.t.Context(), "git", append([]string{"-C", w.dir}, args...)...).CombinedOutput() //nolint:gosec // A path of this test.
	require.NoError(w.t, err, string(out))
}

// runs reports whether the suite runs, and its exit status: 1 if a file that it reads contains "fail".
func (w onceWorld) runs(env ...string) (ran bool, status int) {
	w.t.Helper()
	write(w.t, filepath.Join(w.dir, "suite"), `set -euo pipefail
passed=$PWD/passed tools_of=${TOOLS:-}
suite() { echo x >>ran; eval "${DURING:-}"; cd read; ! grep -q fail ./*; }
source ./once.sh
of=$(fingerprint read) || of=
eval "${BEFORE:-}"
once suite "$of" read -- suite
`)
	log := filepath.Join(w.dir, "ran")
	before := len(lines(log))
	cmd := exec.CommandContext(w.t.Context(), "bash", "suite")
	cmd.Dir, cmd.Env = w.dir, append(os.Environ(), append(env, "GIT_CONFIG_GLOBAL=/dev/null")...)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		require.NoError(w.t, err)
	}
	ran = len(lines(log)) > before
	require.Equal(w.t, !ran, strings.Contains(string(out), "suite: passed (cached)"), string(out))
	return ran, cmd.ProcessState.ExitCode()
}

func lines(file string) []string {
	raw, _ := os.ReadFile(file) //nolint:gosec // Written by the test.
	return strings.Split(string(raw), "\n")
}

func TestSuiteRunsAgainAfterAChange(t *testing.T) {
	w := newOnceWorld(t)
	check := func(want bool, wantStatus int, why string, env ...string) {
		t.Helper()
		ran, status := w.runs(env...)
		require.Equal(t, want, ran, why)
		require.Equal(t, wantStatus, status, why)
	}
	check(true, 0, "the first time")
	check(false, 0, "nothing has changed")
	check(true, 0, "caching is off", "COUNT=1")
	check(true, 0, "other tools", "TOOLS=other")
	write(t, filepath.Join(w.dir, "other"), "changed")
	check(false, 0, "only a file that it does not read has changed")
	write(t, filepath.Join(w.dir, "read", "b c"), "untracked")
	check(true, 0, "a new file")
	check(false, 0, "its name has a space")
	write(t, filepath.Join(w.dir, "read", "a"), "fail")
	check(true, 1, "a changed file")
	check(true, 1, "failures are not cached")
	write(t, filepath.Join(w.dir, "read", "a"), "a")
	check(false, 0, "the content with which it passed")
	require.NoError(t, os.Remove(filepath.Join(w.dir, "read", "a")))
	check(true, 0, "a file deleted without a commit")
	check(true, 0, "which is not cached")
	w.git("add", "-A")
	check(true, 0, "without the file")
	check(false, 0, "again")

	write(t, filepath.Join(w.dir, "read", "a"), "new")
	check(true, 0, "a file changed after the fingerprint", "BEFORE=echo newer >read/a")
	check(true, 0, "the newer file was not tested")
	write(t, filepath.Join(w.dir, "read", "a"), "new")
	check(true, 0, "a file changed during the run", "DURING=echo newest >read/a")
	check(true, 0, "the newest file was not tested")
	write(t, filepath.Join(w.dir, "read", "a"), "new")
	check(true, 0, "the content before the change")
	check(false, 0, "nothing has changed, before or during the run")
}

// Tools on PATH may be replaced by other versions.
func TestVersionsOfTools(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "once.sh"), content(t, filepath.Join(root, "tests", "once.sh")))
	versions := func() string {
		t.Helper()
		cmd := exec.CommandContext(t.Context(), "bash", "-euo", "pipefail", "-c", "source ./once.sh; v=$(versions ./python ./pulumi java database); echo \"$v\"")
		cmd.Dir = dir
		out, err := cmd.CombinedOutput()
		require.NoError(t, err, string(out))
		return string(out)
	}
	seen := map[string]bool{versions(): true} // An external server has no folder.
	for _, text := range []string{"1.0", "1.1"} {
		for tool, first := range map[string]string{"python": "#!/bin/sh\necho ", "pulumi": "#!/bin/sh\necho ", "java/bin/java": "#!/bin/sh\necho >&2 ", "database/engine.json": ""} {
			write(t, filepath.Join(dir, tool), first+text)
			require.NotContains(t, seen, versions(), tool)
			seen[versions()] = true
		}
	}
}

// A fingerprint of sources newer than a suite's programs would record sources as passed that were not tested.
func TestFingerprintsAreTakenBeforeTheBuild(t *testing.T) {
	run := content(t, filepath.Join(root, "tests", "run"))
	require.Contains(t, run, "$(fingerprint ")
	require.Less(t, strings.LastIndex(run, "$(fingerprint "), strings.Index(run, "go run "))
}
