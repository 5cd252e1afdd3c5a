package deploy

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"syscall"
	"time"

	"github.com/blang/semver"
	"github.com/pulumi/pulumi/sdk/v3"
	"github.com/pulumi/pulumi/sdk/v3/go/auto"
)

// engine runs the pulumi CLI. It skips some commands of the Automation API whose output is
// unused, because each start of the CLI takes a third of a second.
type engine struct {
	auto.PulumiCommand
	// exists means that the stack is known to exist. It need not be selected, because each
	// command names it.
	exists bool
}

// Run implements auto.PulumiCommand.
func (e engine) Run(ctx context.Context, dir string, in io.Reader, out, errOut []io.Writer, env []string, args ...string) (string, string, int, error) {
	if answer, is := e.unread(args); is {
		return answer, "", 0, nil
	}
	return e.PulumiCommand.Run(ctx, dir, in, out, errOut, env, args...)
}

// unread returns an empty output for commands whose output is unused: the history, and the
// outputs, which Up reads itself.
func (e engine) unread(args []string) (answer string, is bool) {
	if len(args) < 2 || args[0] != "stack" {
		return "", false
	}
	switch args[1] {
	case "history":
		return "[]", true
	case "output":
		return "{}", true
	case "select":
		return "", e.exists
	}
	return "", false
}

// How long an interrupted engine may take to end. It waits for the current operation of each provider, because the
// AWS provider cannot cancel one. If it is killed, the stack stays locked, and its state lacks what AWS still creates.
// On AWS the longest operation is a change of the database, for which the provider waits up to 80 minutes.
const (
	stopTimeout      = time.Minute
	stopTimeoutOnAWS = 90 * time.Minute
)

// processGroup runs a pulumi CLI in a separate process group, which the Automation API does only on Windows.
// Otherwise a Ctrl-C or a closed terminal would also reach the engine: a second interrupt aborts
// it, and a hang-up kills it.
type processGroup struct {
	path string
	// stopTimeout is how long the CLI may take to end after ctx has ended.
	stopTimeout time.Duration
}

// Version implements auto.PulumiCommand. The API derives the CLI's features from it. The version of
// the SDK is valid, because the setup does not accept older CLIs.
func (processGroup) Version() semver.Version { return sdk.Version }

// Run implements auto.PulumiCommand. The engine is interrupted once when ctx ends.
func (a processGroup) Run(ctx context.Context, dir string, in io.Reader, out, errOut []io.Writer, env []string, args ...string) (string, string, int, error) {
	cmd := exec.CommandContext(ctx, a.path, append([]string{"--non-interactive"}, args...)...) //nolint:gosec // the CLI of the options
	cmd.Dir, cmd.Stdin = dir, in
	cmd.Env = slices.Concat(os.Environ(), env, []string{"PULUMI_AUTOMATION_API=true"})
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = io.MultiWriter(append(out, &stdout)...), io.MultiWriter(append(errOut, &stderr)...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return cmd.Process.Signal(os.Interrupt) }
	cmd.WaitDelay = a.stopTimeout
	err := cmd.Run()
	return stdout.String(), stderr.String(), cmd.ProcessState.ExitCode(), err
}

func command(path string, stopTimeout time.Duration) (engine, error) {
	path, err := exec.LookPath(path)
	if err != nil {
		return engine{}, fmt.Errorf("find the pulumi CLI: %w (`make setup` provides one)", err)
	}
	return engine{PulumiCommand: processGroup{path, stopTimeout}}, nil
}
