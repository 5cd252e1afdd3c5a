package main

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"store-events/cmd/storeevents/page"
)

// jsonArguments are the arguments that a command requires. The project has no running
// stack, so that most commands fail, and print the error as JSON.
var jsonArguments = map[string][]string{
	"backfill":         {"--from", "2026-05-01", "--to", "2026-05-01"},
	"contract export":  {"--format", "odcs"},
	"init":             {"qa", "--region", "eu-west-1"},
	"migrate":          {"--config", "store-events:jobWorkers=3"},
	"quarantine show":  {"sale_events/dt=2026-05-01/a.json"},
	"query":            {"SELECT 1"},
	"report":           {"--file", "report.html"},
	"runs show":        {"1"},
	"down":             {"--yes"},
	"quarantine clean": {"--dry-run"},
}

// succeeds are the commands that need no stack.
var succeeds = map[string]bool{
	"contract diff": true, "contract export": true, "init": true, "local denied": true, "local status": true, "local stop": true, "version": true,
}

// notJSON are for people and shells: they print text.
var notJSON = map[string]bool{"help": true, "reference": true, "completion bash": true, "completion fish": true, "completion powershell": true, "completion zsh": true}

// TestEveryCommandPrintsOneJSONDocument runs each command without a running stack.
// TestLocalStack of tests/e2e does so with a stack.
func TestEveryCommandPrintsOneJSONDocument(t *testing.T) {
	t.Setenv("NO_COLOR", "")
	t.Setenv("AWS_REGION", "")
	found := 0
	eachCommand(newRoot(newApp(io.Discard, io.Discard)), func(cmd *cobra.Command) {
		name := strings.TrimPrefix(cmd.CommandPath(), "storeevents ")
		if notJSON[name] {
			return
		}
		found++
		t.Run(name, func(t *testing.T) {
			dir := repository(t)
			project, err := os.ReadFile(filepath.Join("..", "..", "Pulumi.yaml"))
			require.NoError(t, err)
			require.NoError(t, os.WriteFile(filepath.Join(dir, "Pulumi.yaml"), project, 0o600))
			args := append(strings.Fields(name), jsonArguments[name]...)
			status, stdout, stderr := invoke(t, "", append(args, "--output", "json", "--stack", "dev", "--project", dir, "--state", filepath.Join(dir, "state"))...)
			var document any
			decoder := json.NewDecoder(strings.NewReader(stdout))
			require.NoError(t, decoder.Decode(&document), "stdout %q, stderr %q", stdout, stderr)
			require.ErrorIs(t, decoder.Decode(&document), io.EOF, "one document: %q", stdout)
			require.NotContains(t, stdout+stderr, "\x1b", "no terminal, no color")
			if succeeds[name] {
				require.Zero(t, status, stderr)
				return
			}
			if status == 0 {
				require.Equal(t, "doctor", name, "without a stack it cannot succeed: %s", stdout)
				return
			}
			require.Equal(t, 1, status)
			require.Contains(t, stderr, "storeevents: ", "people see the error too")
			if name != "doctor" {
				require.NotEmpty(t, document.(map[string]any)["error"], stdout)
			}
		})
	})
	require.Greater(t, found, 30)
}

// eachCommand calls f for each runnable command.
func eachCommand(cmd *cobra.Command, f func(*cobra.Command)) {
	if cmd.HasSubCommands() {
		for _, sub := range cmd.Commands() {
			eachCommand(sub, f)
		}
		return
	}
	f(cmd)
}

// Color is for terminals, unless NO_COLOR is set: https://no-color.org
func TestColor(t *testing.T) {
	_, terminal := openTerminal(t)
	pipe, other, err := os.Pipe()
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, errors.Join(pipe.Close(), other.Close())) })
	for _, tc := range []struct {
		name, noColor, term string
		to                  io.Writer
		want                bool
	}{
		{"terminal", "", "xterm", terminal, true},
		{"terminal with NO_COLOR", "1", "xterm", terminal, false},
		{"terminal without colors", "", "dumb", terminal, false},
		{"pipe", "", "xterm", other, false},
	} {
		t.Setenv("NO_COLOR", tc.noColor)
		t.Setenv("TERM", tc.term)
		require.Equal(t, tc.want, page.For(tc.to).Colored, tc.name)
	}
}

// Flags after an invalid one are still read.
func TestErrorsOfTheCommandLineAreJSON(t *testing.T) {
	for name, tc := range map[string]struct{ args, want string }{
		"behind":        {"status --bogus --output json", "unknown flag: --bogus"},
		"before":        {"status --output json --bogus", "unknown flag: --bogus"},
		"short":         {"status --bogus -ojson", "unknown flag: --bogus"},
		"unknown words": {"bogus --output=json", "unknown command"},
		"report":        {"policy check --bogus --format json", "unknown flag: --bogus"},
		"two formats":   {"policy check --output json --format html", "--output json and --format html: use only one of them"},
	} {
		t.Run(name, func(t *testing.T) {
			status, stdout, stderr := invoke(t, "", strings.Fields(tc.args)...)
			require.Equal(t, 1, status)
			var document struct{ Error string }
			require.NoError(t, json.Unmarshal([]byte(stdout), &document), stdout)
			require.Contains(t, document.Error, tc.want)
			require.Contains(t, stderr, tc.want)
		})
	}
	for _, args := range []string{"status --bogus", "status --bogus --output text", "query --bogus -- --output=json"} {
		_, stdout, _ := invoke(t, "", strings.Fields(args)...)
		require.Empty(t, stdout, args)
	}
}
