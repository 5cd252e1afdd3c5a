package deploy

import (
	"context"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/auto/events"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optdestroy"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optpreview"
	"github.com/pulumi/pulumi/sdk/v3/go/auto/optup"
)

// ErrFailed means that the engine or a mandatory policy reported errors. The Result contains them.
var ErrFailed = errors.New("the engine reported errors")

const destroyOperation = "destroy"

// Preview returns the changes of an update, checked by the policies.
func (d *Deployment) Preview(ctx context.Context) (Result, error) {
	var diff string
	r, err := d.run(ctx, "preview", func(ch chan<- events.EngineEvent) error {
		opts := []optpreview.Option{
			optpreview.ConfigFile(d.settings), optpreview.Diff(), optpreview.Color("never"),
			optpreview.EventStreams(ch), optpreview.PolicyPacks(d.opts.PolicyPacks...),
			optpreview.ProgressStreams(io.Discard), optpreview.ErrorProgressStreams(io.Discard),
		}
		if d.opts.Refresh {
			opts = append(opts, optpreview.Refresh())
		}
		p, err := d.stack.Preview(ctx, opts...)
		diff = p.StdOut
		return err
	})
	r.Diff = diff
	return r, err
}

// Up creates or updates the stack's resources. The Result contains the outputs.
func (d *Deployment) Up(ctx context.Context) (Result, error) {
	r, err := d.run(ctx, "up", func(ch chan<- events.EngineEvent) error {
		_, err := d.stack.Up(ctx, optup.ConfigFile(d.settings),
			optup.EventStreams(ch), optup.PolicyPacks(d.opts.PolicyPacks...),
			optup.ProgressStreams(io.Discard), optup.ErrorProgressStreams(io.Discard))
		if err == nil {
			d.markUpdated()
		}
		return err
	})
	r.Outputs = map[string]any{}
	if err == nil {
		r.Outputs, err = d.outputs(ctx)
	}
	return r, err
}

// outputs returns the stack's outputs.
func (d *Deployment) outputs(ctx context.Context) (map[string]any, error) {
	outputs, err := (&Deployed{opts: d.opts, place: d.place}).Outputs(ctx)
	if errors.Is(err, ErrNotDeployed) {
		return map[string]any{}, nil
	}
	return outputs, err
}

// Destroy deletes the stack's resources and then removes the stack. It refuses a stack
// with protected resources, because the engine would delete the others first.
func (d *Deployment) Destroy(ctx context.Context) (Result, error) {
	if err := d.refuseProtected(ctx); err != nil {
		return Result{Stack: d.stack.Name(), Operation: destroyOperation}, err
	}
	r, err := d.run(ctx, destroyOperation, func(ch chan<- events.EngineEvent) error {
		_, err := d.stack.Destroy(ctx,
			optdestroy.EventStreams(ch), optdestroy.ProgressStreams(io.Discard), optdestroy.ErrorProgressStreams(io.Discard))
		return err
	})
	if err != nil {
		return r, err
	}
	return r, d.remove(ctx)
}

// remove removes the stack, but not its settings, unlike the workspace's RemoveStack.
func (d *Deployment) remove(ctx context.Context) error {
	if err := d.pulumi(ctx, "stack", "rm", "--yes", "--preserve-config", d.stack.Name()); err != nil {
		return fmt.Errorf("remove stack %s: %w", d.stack.Name(), err)
	}
	return nil
}

// pulumi runs a command of the CLI in the stack's workspace.
func (d *Deployment) pulumi(ctx context.Context, args ...string) error {
	ws := d.stack.Workspace()
	var env []string
	for name, value := range ws.GetEnvVars() {
		env = append(env, name+"="+value)
	}
	_, stderr, _, err := ws.PulumiCommand().Run(ctx, ws.WorkDir(), nil, nil, nil, env, args...)
	if err != nil {
		return ended(ctx, fmt.Errorf("%w: %s", err, strings.TrimSpace(stderr)))
	}
	return nil
}

func (d *Deployment) run(ctx context.Context, operation string, f func(chan<- events.EngineEvent) error) (Result, error) {
	end, err := d.opts.begin(ctx, d.place)
	if err != nil {
		return Result{Stack: d.stack.Name(), Operation: operation}, err
	}
	defer end()
	if d.opts.Stopping != nil && !d.place.managed {
		defer context.AfterFunc(ctx, d.opts.Stopping)()
	}
	start := time.Now()
	ch := make(chan events.EngineEvent)
	c := newCollector(d.stack.Name(), operation, d.opts.Progress)
	quit, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		c.listen(ch, quit)
	}()
	err = f(ch)
	close(quit)
	<-done
	c.result.Seconds = time.Since(start).Seconds()
	if operation == "preview" {
		c.result.Cost = c.plan.cost()
	}
	switch {
	case err != nil && ctx.Err() != nil:
		return c.result, interrupted(c.result, context.Cause(ctx))
	case err != nil:
		return c.result, failure(c.result, err)
	}
	return c.result, nil
}

// ended returns the cause of an interruption instead of the error of the interrupted CLI, which names only its signal.
func ended(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	return err
}

// interrupted returns the cause of an interruption, with the engine's errors that are not its effects.
func interrupted(r Result, cause error) error {
	err := fmt.Errorf("%s of stack %s: %w", r.Operation, r.Stack, cause)
	lines := slices.DeleteFunc(slices.Concat(r.Errors, r.pending), func(line string) bool {
		return line == "update canceled" || strings.Contains(line, context.Canceled.Error())
	})
	if len(lines) == 0 {
		return err
	}
	return fmt.Errorf("%w\n  %s", err, strings.Join(append(lines, advise(r.Stack, lines)...), "\n  "))
}

// failure returns the engine's errors instead of its whole output.
func failure(r Result, err error) error {
	var lines []string
	for _, v := range r.Violations {
		if v.Level == "mandatory" {
			if strings.HasPrefix(v.Message, "[") { // It contains the rule and the resource.
				lines = append(lines, v.Message)
				continue
			}
			lines = append(lines, fmt.Sprintf("policy %s: %s: %s", v.Policy, v.Resource, v.Message))
		}
	}
	lines = append(append(lines, r.Errors...), r.pending...)
	lines = append(lines, advise(r.Stack, slices.Concat(r.Errors, r.pending, []string{err.Error()}))...)
	if len(lines) == 0 {
		return fmt.Errorf("%s of stack %s: %w", r.Operation, r.Stack, err)
	}
	return fmt.Errorf("%s of stack %s: %w:\n  %s", r.Operation, r.Stack, ErrFailed, strings.Join(lines, "\n  "))
}
