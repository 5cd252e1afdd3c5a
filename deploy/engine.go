package deploy

import (
	"context"
	"fmt"
	"io"
	"os/exec"
	"path/filepath"
	"slices"

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

func command(path string) (auto.PulumiCommand, error) {
	opts := &auto.PulumiCommandOptions{SkipVersionCheck: true}
	if onPath, err := exec.LookPath("pulumi"); path != "" && (err != nil || onPath != path) {
		opts.Root = filepath.Dir(filepath.Dir(path))
	}
	cmd, err := auto.NewPulumiCommand(opts)
	if err != nil {
		return nil, fmt.Errorf("find the pulumi CLI: %w (`make setup` provides one)", err)
	}
	return engine{cmd}, nil
}
