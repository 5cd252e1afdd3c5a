package deploy

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"strings"
)

// ErrNotDeployed means that the stack does not exist, or has no resources.
var ErrNotDeployed = errors.New("is not deployed")

// noSuchStack is part of the CLI's error for a stack that its backend does not have.
const noSuchStack = "no stack named"

// Deployed is a stack as of its last update. Its methods do not create, select or change stacks.
type Deployed struct {
	opts  Options
	place place
}

// Find locates the stack without checking whether it exists. It writes nothing.
func Find(o Options) (*Deployed, error) {
	p, err := o.place()
	if err != nil {
		return nil, err
	}
	return &Deployed{opts: o, place: p}, nil
}

// Outputs returns the stack's outputs, or ErrNotDeployed.
func (d *Deployed) Outputs(ctx context.Context) (map[string]any, error) {
	if outputs := d.savedOutputs(); len(outputs) > 0 {
		return outputs, nil
	}
	raw, err := d.pulumiStack(ctx, "output", "--json", "--show-secrets")
	if err != nil {
		return nil, err
	}
	var outputs map[string]any
	if err := json.Unmarshal(raw, &outputs); err != nil {
		return nil, fmt.Errorf("outputs of stack %s: %w", d.opts.Stack, err)
	}
	if len(outputs) == 0 {
		return nil, d.missing()
	}
	return outputs, nil
}

// State returns the engine's state of the stack as JSON. Do not store it, because it
// contains secrets in plain text. Without resources it returns ErrNotDeployed.
func (d *Deployed) State(ctx context.Context) (json.RawMessage, error) {
	raw, err := d.pulumiStack(ctx, "export", "--show-secrets")
	if err != nil {
		return nil, err
	}
	var exported struct{ Deployment json.RawMessage }
	var has struct{ Resources []json.RawMessage }
	if err := json.Unmarshal(raw, &exported); err != nil {
		return nil, fmt.Errorf("state of stack %s: %w", d.opts.Stack, err)
	}
	if err := json.Unmarshal(exported.Deployment, &has); err != nil {
		return nil, fmt.Errorf("state of stack %s: %w", d.opts.Stack, err)
	}
	if len(has.Resources) == 0 {
		return nil, d.missing()
	}
	return exported.Deployment, nil
}

func (d *Deployed) missing() error { return fmt.Errorf("stack %s %w", d.opts.Stack, ErrNotDeployed) }

// pulumiStack runs `pulumi stack …` and returns its standard output.
func (d *Deployed) pulumiStack(ctx context.Context, command string, args ...string) ([]byte, error) {
	if _, err := os.Stat(d.place.dir); errors.Is(err, fs.ErrNotExist) {
		return nil, d.missing() // No command has opened it.
	}
	args = append([]string{"stack", command, "--non-interactive", "--stack", d.opts.Stack}, args...)
	cmd := exec.CommandContext(ctx, d.opts.Pulumi, args...) //nolint:gosec // The user's engine, or the setup's.
	cmd.Dir = d.place.dir
	cmd.Env = os.Environ()
	for name, value := range d.place.env {
		cmd.Env = append(cmd.Env, name+"="+value)
	}
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	if err == nil {
		return stdout.Bytes(), nil
	}
	if strings.Contains(stderr.String(), noSuchStack) {
		return nil, d.missing()
	}
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("find the pulumi CLI: %w (`make setup` provides one)", err)
	}
	return nil, fmt.Errorf("pulumi stack %s of %s: %w", command, d.opts.Stack, ended(ctx, fmt.Errorf("%w: %s", err, strings.TrimSpace(stderr.String()))))
}

// DeployedResource is a resource of a deployed stack.
type DeployedResource struct {
	URN, Type string
	Outputs   map[string]any
}

// stackState is the engine's state of a stack.
type stackState struct{ Resources []DeployedResource }

func readState(raw json.RawMessage) (stackState, error) {
	var s stackState
	if err := json.Unmarshal(raw, &s); err != nil {
		return s, fmt.Errorf("decode: %w", err)
	}
	return s, nil
}

// Resources returns the stack's resources; none if it is not deployed. Their
// outputs contain secrets in plain text.
func (d *Deployed) Resources(ctx context.Context) ([]DeployedResource, error) {
	raw, err := d.State(ctx)
	if errors.Is(err, ErrNotDeployed) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	state, err := readState(raw)
	if err != nil {
		return nil, fmt.Errorf("state of stack %s: %w", d.opts.Stack, err)
	}
	return state.Resources, nil
}
