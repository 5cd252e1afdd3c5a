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

// engine runs the pulumi CLI. It answers some commands of the Automation API itself, because
// each start takes a third of a second, and nobody reads these answers.
type engine struct {
	auto.PulumiCommand
	// exists says that the stack is known to exist: each command names it, and none needs
	// it to be selected.
	exists bool
}

// Run implements auto.PulumiCommand.
func (e engine) Run(ctx context.Context, dir string, in io.Reader, out, errOut []io.Writer, env []string, args ...string) (string, string, int, error) {
	if answer, is := e.unread(args); is {
		return answer, "", 0, nil
	}
	return e.PulumiCommand.Run(ctx, dir, in, out, errOut, env, args...)
}

// unread returns the answer to a command whose answer nobody reads: no earlier updates, and
// no outputs, which Up reads itself.
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

// stopTimeout is how long the engine may take to end in order: until each provider has left
// what it does. It leaves the stack locked if it is killed.
const stopTimeout = time.Minute

// processGroup runs a pulumi CLI in a separate process group, which the Automation API does on Windows only.
// A Ctrl-C or a closed terminal would also reach the engine otherwise: it takes a second interrupt
// as an order to end at once, and does not catch a hang-up.
type processGroup struct{ path string }

// Version implements auto.PulumiCommand. The API chooses by it how to call the CLI, and the
// setup finds no CLI that is too old for what this release of the API knows.
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
	cmd.WaitDelay = stopTimeout
	err := cmd.Run()
	return stdout.String(), stderr.String(), cmd.ProcessState.ExitCode(), err
}

func command(path string) (engine, error) {
	path, err := exec.LookPath(path)
	if err != nil {
		return engine{}, fmt.Errorf("find the pulumi CLI: %w (`make setup` provides one)", err)
	}
	return engine{PulumiCommand: processGroup{path}}, nil
}
