package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"localaws/daemon"
	"store-events/schema"
)

// completions requests completions with descriptions, as a shell does.
func completions(t *testing.T, args ...string) []string {
	t.Helper()
	status, stdout, _ := invoke(t, "", append([]string{cobra.ShellCompRequestCmd}, args...)...)
	require.Zero(t, status)
	lines := strings.Split(strings.TrimSpace(stdout), "\n")
	return lines[:len(lines)-1] // The last line is the directive for the shell.
}

func TestValuesAreCompleted(t *testing.T) {
	dir := projectWith(t)
	t.Chdir(dir)
	require.Equal(t, []string{"dev", "local"}, completions(t, "status", "--stack", ""))
	require.Equal(t, []string{"text", "json"}, completions(t, "status", "--output", ""))
	require.Equal(t, schema.Load().StreamNames(), completions(t, "quarantine", "ls", "--stream", ""))
	require.Contains(t, completions(t, "runs", "show", "--only", ""), "archived")
	queries := completions(t, "athena", "")
	require.Len(t, queries, 5)
	require.Contains(t, queries[0], "incomplete-events\tEvents without a store")
	require.Empty(t, completions(t, "athena", "sales-by-store", ""), "the command has one argument")
	require.Empty(t, completions(t, "crawl", ""), "no names of files for a command without arguments")
}

// Completion must not start a stack.
func TestCompletionStartsNothing(t *testing.T) {
	t.Chdir(projectWith(t))
	for _, command := range [][]string{{"quarantine", "show"}, {"runs", "show"}, {"outputs"}} {
		state := filepath.Join(t.TempDir(), "state")
		require.Empty(t, completions(t, append(command, "--state", state, "")...))
		s, err := daemon.GetStatus(t.Context(), state)
		require.NoError(t, err)
		require.False(t, s.Running)
		require.NoDirExists(t, state)
	}
}

// Completion has a timeout, even if the library that it calls ignores the context.
func TestCompletionDoesNotHang(t *testing.T) {
	a := newApp(nil, nil)
	a.output, a.project = "text", projectWith(t)
	c := &cobra.Command{}
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	c.SetContext(ctx)
	block := make(chan struct{})
	defer close(block)
	start := time.Now()
	values, directive := a.complete(func(context.Context) []string { <-block; return []string{"late"} })(c, nil, "")
	require.Empty(t, values)
	require.Equal(t, cobra.ShellCompDirectiveNoFileComp, directive)
	require.Less(t, time.Since(start), completionTime)
}

func TestSomeCommandsNeedNoProject(t *testing.T) {
	t.Chdir(t.TempDir())
	for _, shell := range []string{"bash", "zsh", "fish", "powershell"} {
		status, stdout, stderr := invoke(t, "", "completion", shell)
		require.Zero(t, status, stderr)
		require.Contains(t, stdout, "storeevents")
	}
	require.Empty(t, completions(t, "status", "--stack", ""), "outside the project no stack is known")
	require.Len(t, completions(t, "status", "--output", ""), 2)
	status, stdout, stderr := invoke(t, "", "version", "--output", "json")
	require.Zero(t, status, stderr)
	var v versionResult
	require.NoError(t, json.Unmarshal([]byte(stdout), &v))
	require.Regexp(t, `^go1\.`, v.Go)
	require.Equal(t, "development", v.Version)

	status, _, stderr = invoke(t, "", "quarantine", "ls")
	require.Equal(t, 1, status)
	require.Contains(t, stderr, "run this inside the repository")
	status, _, stderr = invoke(t, "", "version", "--output", "yaml")
	require.Equal(t, 1, status)
	require.Contains(t, stderr, `--output "yaml"`)
}

func TestVersionNamesTheEngineOnPath(t *testing.T) {
	bin := t.TempDir()
	require.NoError(t, os.WriteFile(filepath.Join(bin, "pulumi"), []byte("#!/bin/sh\necho v3.300.0\n"), 0o700)) //nolint:gosec // An executable.
	t.Setenv("PATH", bin)
	t.Chdir(t.TempDir())
	status, stdout, _ := invoke(t, "", "version")
	require.Zero(t, status)
	require.Contains(t, stdout, "v3.300.0 at "+filepath.Join(bin, "pulumi"))
}

// By default Cobra prints the help of a group for an unknown subcommand, and succeeds.
func TestUnknownCommandsAreRefusedWithSuggestions(t *testing.T) {
	for _, tc := range []struct {
		args []string
		want []string
	}{
		{[]string{"quarantine", "sho"}, []string{`unknown command "sho" for "storeevents quarantine"`, "\tshow\n", "next: `storeevents quarantine --help`"}},
		{[]string{"local", "nothing"}, []string{`unknown command "nothing" for "storeevents local"`}},
		{[]string{"completion", "tcsh"}, []string{`unknown command "tcsh" for "storeevents completion"`}},
		{[]string{"help", "nothing"}, []string{`unknown command "nothing" for "storeevents"`}},
		{[]string{"help", "runs", "nothing"}, []string{`unknown command "nothing" for "storeevents runs"`}},
		{[]string{"policy", "chek"}, []string{"\tcheck\n"}},
		{[]string{"statsu"}, []string{"\tstatus\n", "next: `storeevents --help`"}},
		{[]string{"destroy"}, []string{"\tdown\n"}},
		{[]string{"plan"}, []string{"\tpreview\n"}},
	} {
		status, stdout, stderr := invoke(t, "", tc.args...)
		require.Equal(t, 1, status, tc.args)
		require.Empty(t, stdout)
		for _, want := range tc.want {
			require.Contains(t, stderr, want)
		}
	}
	for _, args := range [][]string{{"quarantine"}, {"help", "quarantine"}, {"completion"}, {"help"}} {
		status, stdout, _ := invoke(t, "", args...)
		require.Zero(t, status)
		require.Contains(t, stdout, "Available Commands")
	}
}
