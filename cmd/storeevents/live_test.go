package main

import (
	"context"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/spf13/cobra"
	"github.com/stretchr/testify/require"

	"store-events/cmd/storeevents/page"
	"store-events/deploy"
)

// All commands show progress, except those listed here.
func TestCommandsShowProgress(t *testing.T) {
	t.Setenv("STORE_EVENTS_CACHE", t.TempDir())
	t.Setenv("TERM", "xterm-256color")
	_, terminal := openTerminal(t)
	root := newRoot(newApp(io.Discard, io.Discard))
	for _, name := range slices.Concat(withoutLine, slices.Collect(maps.Keys(usualTimes))) {
		require.True(t, command(root, strings.Fields(name)...).Runnable(), name)
	}
	shows := map[string]bool{}
	for _, name := range runnable(root) {
		a := newApp(io.Discard, terminal)
		a.begin(name)
		shows[strings.TrimPrefix(name, "storeevents ")] = a.working != nil
		a.end(context.Canceled)
	}
	for name, shown := range shows {
		require.Equal(t, !slices.Contains([]string{"init", "local serve"}, name), shown, name)
	}
	for _, name := range []string{"pause", "resume", "query", "athena", "report", "runs ls", "runs show", "quarantine show", "quarantine clean", "curated clean"} {
		require.Contains(t, shows, name)
	}
}

func runnable(of *cobra.Command) (names []string) {
	for _, c := range of.Commands() {
		if !worksAnywhere(c) {
			names = append(names, c.CommandPath())
		}
		names = append(names, runnable(c)...)
	}
	return names
}

// On a terminal a long command shows a progress line, which is erased at the end. Other
// streams get only the permanent lines.
func TestLongCommandsShowProgress(t *testing.T) {
	cache := t.TempDir()
	t.Setenv("STORE_EVENTS_CACHE", cache)
	t.Setenv("TERM", "xterm-256color")
	master, terminal := openTerminal(t)
	a := newApp(io.Discard, terminal)
	a.stack, a.output = deploy.LocalStack, "text"
	a.begin("storeevents ingest")
	require.NotNil(t, a.working)
	a.working.began = time.Now().Add(-3 * time.Second)
	a.progress("job run 1 of 2")
	require.Regexp(t, `^━{7}╌{13} about 6 s left  job run 1 of 2$`, a.working.text())
	asked := time.Now()
	a.pauseLine()()
	require.False(t, a.working.began.Before(asked), "time at a prompt does not count")
	a.working.began = time.Now().Add(-3 * time.Second)
	a.end(nil)
	require.Nil(t, a.working)
	require.InDelta(t, 3, readTimes()["ingest of local"].Seconds(), 1, "measured for the next time")

	a.stack = "dev"
	a.begin("storeevents ingest")
	require.Regexp(t, `^0 s$`, a.working.text(), "the duration on AWS is not known yet")
	a.end(context.Canceled)
	require.NotContains(t, readTimes(), "ingest of dev")
	require.NoError(t, terminal.Close())
	_, _ = io.Copy(io.Discard, master)

	piped := newApp(io.Discard, io.Discard)
	piped.begin("storeevents ingest")
	require.Nil(t, piped.working)
	require.FileExists(t, filepath.Join(cache, "times.json"))
}

// Commands write results through print or result, which erase the progress line first.
func TestResultsEraseTheProgressLine(t *testing.T) {
	t.Setenv("STORE_EVENTS_CACHE", t.TempDir())
	t.Setenv("TERM", "xterm-256color")
	_, terminal := openTerminal(t)
	a := newApp(io.Discard, terminal)
	a.begin("storeevents quarantine show")
	require.NotNil(t, a.working)
	a.result()
	require.Nil(t, a.working)

	files, err := filepath.Glob("*.go")
	require.NoError(t, err)
	for _, file := range files {
		if file == "printing.go" || strings.HasSuffix(file, "_test.go") {
			continue
		}
		text, err := os.ReadFile(file) //nolint:gosec // A source of this package.
		require.NoError(t, err)
		others := regexp.MustCompile(`(IsTerminal|SetOut)\(a\.out\)`).ReplaceAllString(string(text), "")
		require.NotRegexp(t, `\ba\.out\b`, others, file)
	}
}

func TestDiffsAreColoredOnTerminals(t *testing.T) {
	diff := "  pulumi:pulumi:Stack: (same)\n    + aws:s3/bucket:Bucket: (create)\n    ~ aws:glue/job:Job: (update)\n      - timeout: 30\n    +-aws:rds/instance:Instance: (replace)\n    --aws:rds/instance:Instance: (delete-replaced)\n        --commit_rows: \"1\""
	w := page.Page{Colored: true}
	lines := strings.Split(w.ColorDiff(diff), "\n")
	for i, color := range []string{"", "32", "33", "31", "35", "31", ""} {
		require.Equal(t, color != "", strings.HasPrefix(lines[i], "\x1b["+color+"m"), "%q", lines[i])
	}
	require.Equal(t, diff, (&page.Page{}).ColorDiff(diff))

	r := deploy.Result{Diff: "    + bad\x1b[2J", Violations: []deploy.Violation{{Level: "mandatory", Policy: "p", Message: "m"}}, DataLoss: []string{"x"}}
	writeResult(&w, r)
	require.NotContains(t, w.String(), "\x1b[2J", "control characters in the engine's output are escaped")
	require.Contains(t, w.String(), "\x1b[31mmandatory")
	require.Contains(t, w.String(), "\x1b[31mWARNING:")
}

// NO_COLOR turns colors off on a terminal too (no-color.org).
func TestNoColor(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	for value, want := range map[string]bool{"": true, "1": false} {
		master, terminal := openTerminal(t)
		cmd := exec.CommandContext(t.Context(), self, "doctor", "--project", projectWith(t)) //nolint:gosec // This test's own binary.
		cmd.Env = append(os.Environ(), mute+"=1", "TERM=xterm-256color", "NO_COLOR="+value)
		cmd.Stdout, cmd.Stderr = terminal, terminal
		written := make(chan string, 1)
		go func() {
			text, _ := io.ReadAll(master) // It ends with an error, when no process has the terminal open.
			written <- string(text)
		}()
		_ = cmd.Run() // The findings do not matter.
		require.NoError(t, terminal.Close())
		// A busy machine also shows the progress line.
		require.Equal(t, want, regexp.MustCompile(`\x1b\[[0-9;]*m`).MatchString(<-written), "NO_COLOR=%s", value)
	}
}

func TestHelpDocumentsThatRunsStopWithTheirCommand(t *testing.T) {
	for _, path := range []string{"crawl", "run", "ingest", "backfill", "migrate", "quarantine replay", "demo", "resume"} {
		c := command(newRoot(newApp(io.Discard, io.Discard)), strings.Fields(path)...)
		require.Contains(t, c.Long, "Ctrl-C or SIGTERM also stops", path)
	}
}

func TestHelpIsNotIndentedLikeTheSource(t *testing.T) {
	var check func(*cobra.Command)
	check = func(c *cobra.Command) {
		require.NotContains(t, c.Long, "\t", c.CommandPath())
		for _, sub := range c.Commands() {
			if !addedByCobra(sub) {
				check(sub)
			}
		}
	}
	check(newRoot(newApp(io.Discard, io.Discard)))
}
