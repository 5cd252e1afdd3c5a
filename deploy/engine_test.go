package deploy

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/stretchr/testify/require"
)

// fakeCLI is a pulumi CLI that records its calls.
type fakeCLI struct {
	auto.PulumiCommand
	questions *[]string
}

func (a fakeCLI) Run(_ context.Context, _ string, _ io.Reader, _, _ []io.Writer, _ []string, args ...string) (string, string, int, error) {
	*a.questions = append(*a.questions, strings.Join(args, " "))
	return `{"bucket":"events"}`, "", 0, nil
}

func TestOnlyNecessaryCallsOfTheEngine(t *testing.T) {
	for exists, want := range map[bool][]string{true: nil, false: {"stack select --stack local"}} {
		var questions []string
		cmd := engine{fakeCLI{questions: &questions}, exists}
		ws, err := auto.NewLocalWorkspace(t.Context(), auto.WorkDir(project(t)), auto.Pulumi(cmd))
		require.NoError(t, err)
		stack, err := auto.SelectStack(t.Context(), "local", ws)
		require.NoError(t, err)
		history, err := stack.History(t.Context(), 1, 1)
		require.NoError(t, err)
		require.Empty(t, history)
		_, err = stack.Outputs(t.Context())
		require.NoError(t, err)
		require.Equal(t, want, questions)
	}
}

// An update of an existing stack starts the CLI once: each start takes a third of a second.
func TestUpdateStartsTheEngineOnce(t *testing.T) {
	o := localOptions(t, func(ctx *pulumi.Context) error {
		ctx.Export("Region", pulumi.String("here"))
		return nil
	})
	updated(t, o)
	file := filepath.Join(t.TempDir(), "bin", "pulumi")
	write(t, file, "#!/bin/sh\necho \"$2\" >>\"$0.log\"\nexec '"+o.Pulumi+"' \"$@\"\n")
	require.NoError(t, os.Chmod(file, 0o700)) //nolint:gosec // An executable.
	o.Pulumi = file
	d := updated(t, o)
	_, err := d.Preview(t.Context())
	require.NoError(t, err)
	asked, err := os.ReadFile(file + ".log") //nolint:gosec // A path of this test.
	require.NoError(t, err)
	require.Equal(t, "up\npreview\n", string(asked))
}

// Signals of a terminal reach the process group of the command.
func TestTerminalSignalsDoNotReachTheEngine(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bin", "pulumi")
	write(t, file, "#!/bin/sh\n[ \"$1\" = version ] && echo 3.259.0 && exit\nps -o pgid= -p $$\n")
	require.NoError(t, os.Chmod(file, 0o700)) //nolint:gosec // An executable.
	cmd, err := command(file, time.Minute)
	require.NoError(t, err)
	group, stderr, code, err := cmd.Run(t.Context(), t.TempDir(), nil, nil, nil, nil, "up")
	require.NoError(t, err, stderr)
	require.Zero(t, code)
	require.NotEqual(t, strconv.Itoa(syscall.Getpgrp()), strings.TrimSpace(group))
}

// The AWS provider cannot cancel the creation of a database. A killed engine does not record it.
func TestInterruptedEngineEndsItsOperations(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bin", "pulumi")
	write(t, file, "#!/bin/sh\ntrap 'touch \"$0.interrupted\"' INT\ntouch \"$0.began\"\nwhile [ ! -e \"$0.interrupted\" ]; do sleep 0.1; done\nsleep 1\necho recorded\n")
	require.NoError(t, os.Chmod(file, 0o700)) //nolint:gosec // An executable.
	for patience, want := range map[time.Duration]string{time.Minute: "recorded\n", 200 * time.Millisecond: ""} {
		for _, mark := range []string{".began", ".interrupted"} {
			_ = os.Remove(file + mark)
		}
		cmd, err := command(file, patience)
		require.NoError(t, err)
		ctx, interrupt := context.WithCancel(t.Context())
		go func() {
			for os.IsNotExist(func() error { _, err := os.Stat(file + ".began"); return err }()) {
				time.Sleep(10 * time.Millisecond)
			}
			interrupt()
		}()
		out, _, _, err := cmd.Run(ctx, t.TempDir(), nil, nil, nil, nil, "up")
		require.Error(t, err)
		require.Equal(t, want, out)
	}
}

// The CLI's own error would be "signal: interrupt".
func TestInterruptionBeforeAnUpdateIsNamed(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bin", "pulumi")
	write(t, file, "#!/bin/sh\nexec sleep 60\n")
	require.NoError(t, os.Chmod(file, 0o700)) //nolint:gosec // An executable.
	o := Options{ProjectDir: project(t), StateDir: t.TempDir(), Stack: "local", Pulumi: file}
	interrupted := func() context.Context {
		ctx, interrupt := context.WithCancelCause(t.Context())
		time.AfterFunc(200*time.Millisecond, func() { interrupt(errors.New("interrupt signal received")) })
		return ctx
	}
	_, err := Open(interrupted(), o)
	require.EqualError(t, err, "open stack local: interrupt signal received")
	deployed, err := Find(o)
	require.NoError(t, err)
	_, err = deployed.State(interrupted())
	require.EqualError(t, err, "pulumi stack export of local: interrupt signal received")
}

func TestEngineOfAStackOnAWSMayEndItsOperations(t *testing.T) {
	o := Options{ProjectDir: project(t), StateDir: t.TempDir()}
	for stack, want := range map[string]time.Duration{"local": stopTimeout, "dev": stopTimeoutOnAWS} {
		o.Stack = stack
		p, err := o.place()
		require.NoError(t, err)
		require.Equal(t, want, p.stopTimeout(), stack)
	}
	require.Greater(t, stopTimeoutOnAWS, 80*time.Minute, "the provider's limit for a change of a database")
}

func TestInterruptedUpdateShutsDownGracefully(t *testing.T) {
	ctx, interrupt := context.WithCancelCause(t.Context())
	o := localOptions(t, func(*pulumi.Context) error {
		interrupt(errors.New("interrupt signal received"))
		time.Sleep(time.Second) // The engine is interrupted.
		return nil
	})
	d, err := Open(t.Context(), o)
	require.NoError(t, err)
	_, err = d.Up(ctx)
	require.EqualError(t, err, "up of stack local: interrupt signal received")
	locks, err := filepath.Glob(filepath.Join(backend(o.StateDir), ".pulumi", "locks", "*", "*", "*", "*"))
	require.NoError(t, err)
	require.Empty(t, locks)
}

func TestErrorsOfAnInterruptedEngine(t *testing.T) {
	r := Result{Operation: "up", Stack: "dev", Errors: []string{"bucket: name taken", "run: context canceled"}}
	require.EqualError(t, interrupted(r, errors.New("interrupt signal received")), "up of stack dev: interrupt signal received\n  bucket: name taken")
}
