package main

import (
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// engineOnPath puts a fake pulumi CLI on PATH. cases are the cases of its shell script, such as
// "stack export") cat state.json ;;.
// It returns a function that counts the calls of a command.
func engineOnPath(t *testing.T, cases string) (times func(command string) int) {
	t.Helper()
	t.Setenv("STORE_EVENTS_CACHE", t.TempDir())
	dir := t.TempDir()
	script := "#!/bin/sh\n[ \"$1\" = --non-interactive ] && shift\necho \"$*\" >>\"$(dirname \"$0\")/asked\"\ncase \"$1 $2\" in\n\"version \") echo v3.260.0 ;;\n" + cases + "\nesac\n"
	require.NoError(t, os.WriteFile(filepath.Join(dir, "pulumi"), []byte(script), 0o700)) //nolint:gosec // An executable.
	t.Setenv("PATH", dir+string(os.PathListSeparator)+os.Getenv("PATH"))
	return func(command string) int {
		asked, err := os.ReadFile(filepath.Join(dir, "asked")) //nolint:gosec // A path of this test.
		require.NoError(t, err)
		return strings.Count("\n"+string(asked), "\n"+command)
	}
}

// appOn returns an app for a stack of a project.
func appOn(t *testing.T, project, stack string) *app {
	t.Helper()
	a := newApp(io.Discard, io.Discard)
	a.project, a.state, a.stack, a.output = project, t.TempDir(), stack, "text"
	require.NoError(t, a.prepare())
	return a
}

func TestConsoleChecksReadTheStateOnce(t *testing.T) {
	deployment, err := os.ReadFile("../../policy/state/testdata/deployment.json")
	require.NoError(t, err)
	exported := filepath.Join(t.TempDir(), "state.json")
	require.NoError(t, os.WriteFile(exported, []byte(`{"version": 3, "deployment": `+string(deployment)+"}"), 0o600))
	times := engineOnPath(t, `"stack export") cat '`+exported+"' ;;")
	checks, err := appOn(t, projectWith(t), "dev").consoleChecks(t.Context())
	require.NoError(t, err)
	require.Equal(t, 4, checks.Resources)
	require.Positive(t, checks.Cost.Total)
	require.Equal(t, 1, times("stack export"))
}

// Each call starts the CLI, which reads the state from the backend.
func TestCommandsReadAStackOnAWSOnce(t *testing.T) {
	dir := t.TempDir()
	copyProject(t, dir)
	for command, want := range map[string]map[string]int{
		"preview":    {"version": 1, "stack output": 1, "preview": 1},
		"up":         {"version": 1, "stack output": 1, "stack export": 1, "up": 1},
		"down --yes": {"version": 1, "stack output": 1, "stack export": 1}, // The stack is paused, and its outputs are incomplete.
	} {
		times := engineOnPath(t, `"stack output") echo '{"Paused": `+strconv.FormatBool(strings.HasPrefix(command, "down"))+`}' ;;
"stack export") echo '{"version": 3, "deployment": {}}' ;;
"stack select") ;;
*) exit 1 ;;`)
		args := append(strings.Fields(command), "--stack", "dev", "--project", dir, "--state", t.TempDir())
		status, _, stderr := invoke(t, "", args...)
		require.Equal(t, 1, status, stderr)
		for question, n := range want {
			require.Equal(t, n, times(question), "%s: %s\n%s", command, question, stderr)
		}
	}
}
