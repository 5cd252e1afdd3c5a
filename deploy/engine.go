package deploy

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto"
)

// engine runs the pulumi CLI. It answers some commands of the Automation API itself, because
// each start takes a third of a second, and nobody reads these answers.
type engine struct{ auto.PulumiCommand }

// Run implements auto.PulumiCommand.
func (e engine) Run(ctx context.Context, dir string, in io.Reader, out, errOut []io.Writer, env []string, args ...string) (string, string, int, error) {
	if answer := unread(args); answer != "" {
		return answer, "", 0, nil
	}
	return e.PulumiCommand.Run(ctx, dir, in, out, errOut, env, args...)
}

// unread returns the answer to a command whose answer nobody reads, or nothing: no earlier
// updates, and no outputs. The Automation API compares these with those of --show-secrets,
// to mark the secrets; the program has no secret output.
func unread(args []string) string {
	if len(args) < 2 || args[0] != "stack" {
		return ""
	}
	switch {
	case args[1] == "history":
		return "[]"
	case args[1] == "output" && !slices.Contains(args, "--show-secrets"):
		return "{}"
	}
	return ""
}

// stopTimeout is how long the engine may take to end in order: until each provider has left
// what it does. It leaves the stack locked if it is killed.
const stopTimeout = time.Minute

// apart runs a pulumi CLI in a separate process group, which the Automation API does on Windows only.
// A Ctrl-C or a closed terminal would also reach the engine otherwise: it takes a second interrupt
// as an order to end at once, and does not catch a hang-up.
type apart struct {
	auto.PulumiCommand
	path string
}

// Run implements auto.PulumiCommand. The engine is interrupted once when ctx ends.
func (a apart) Run(ctx context.Context, dir string, in io.Reader, out, errOut []io.Writer, env []string, args ...string) (string, string, int, error) {
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

func command(path string) (auto.PulumiCommand, error) {
	opts := &auto.PulumiCommandOptions{SkipVersionCheck: true}
	onPath, err := exec.LookPath("pulumi")
	if path != "" && (err != nil || onPath != path) {
		opts.Root = filepath.Dir(filepath.Dir(path))
	}
	cmd, err := auto.NewPulumiCommand(opts)
	if err != nil {
		return nil, fmt.Errorf("find the pulumi CLI: %w (`make setup` provides one)", err)
	}
	return engine{apart{cmd, cmp.Or(path, onPath)}}, nil
}
