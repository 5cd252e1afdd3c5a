package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"localaws/daemon"
	"localaws/iam/audit"
	"store-events/deploy"
)

// downResult is what `down` prints.
type downResult struct {
	deploy.Result
	// StateRemoved says that the AWS on this machine is stopped and its folder gone.
	StateRemoved bool `json:"state_removed"`
	// Policy is what the role of --as needed on the AWS on this machine.
	Policy *audit.Document `json:"policy,omitempty"`
}

func newDown(a *app) *cobra.Command {
	var o downOptions
	cmd := &cobra.Command{
		Use:   "down",
		Short: "Destroy the stack, and for a local stack its AWS and state",
		Long: `Destroy the stack. A local stack's AWS and state are removed too.

A stack with protectData refuses. With --lift-protection it goes and leaves its
data: both buckets, the key that encrypts it, a final snapshot of the database,
and for 30 days the secrets. docs/operations.md says what to do with them.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := a.down(cmd.Context(), o, cmd.InOrStdin())
			if err != nil {
				return err
			}
			return a.print(r, func(w *page) {
				writeResult(w, r.Result)
				writeNeeded(w, r.Policy)
				if r.StateRemoved {
					w.println("stopped the AWS on this machine and removed", a.state)
				}
			})
		},
	}
	a.asFlag(cmd)
	cmd.Flags().BoolVarP(&o.yes, "yes", "y", false, "do not ask before destroying a stack on AWS")
	cmd.Flags().BoolVar(&o.lift, "lift-protection", false, "destroy a stack with protectData, which keeps its data")
	cmd.Flags().BoolVar(&o.force, "force", false, "remove a local stack without asking the engine to destroy it first")
	return cmd
}

// downOptions are the flags of `down`.
type downOptions struct{ yes, force, lift bool }

func (a *app) down(ctx context.Context, o downOptions, in io.Reader) (downResult, error) {
	var r downResult
	endpoint, err := a.endpoint()
	if err != nil {
		return r, err
	}
	if endpoint == "" {
		if o.force {
			return r, errors.New("--force is for local stacks: the engine must destroy a stack on AWS")
		}
		if err := a.confirm(o, in); err != nil {
			return r, err
		}
		r.Result, err = a.destroy(ctx, o.lift)
		return r, err
	}
	r.Result = deploy.Result{Stack: a.stack, Operation: "destroy", Changes: map[string]int{}, Steps: []deploy.Step{}, Violations: []deploy.Violation{}}
	if _, err := os.Stat(a.state); errors.Is(err, os.ErrNotExist) {
		return r, nil
	}
	if !o.force {
		if err := a.startLocal(ctx, endpoint); err != nil {
			return r, fmt.Errorf("%w (--force removes the stack without it)", err)
		}
		r.Policy, err = a.needed(ctx, func() (err error) {
			r.Result, err = a.destroy(ctx, o.lift)
			return err
		})
		if err != nil {
			return r, fmt.Errorf("%w (--force removes the stack anyway)", err)
		}
	}
	if err := daemon.Stop(ctx, a.state); err != nil {
		return r, err
	}
	r.StateRemoved = true
	return r, os.RemoveAll(a.state)
}

func (a *app) destroy(ctx context.Context, lift bool) (deploy.Result, error) {
	d, err := a.open(ctx, nil)
	if err != nil {
		return deploy.Result{}, err
	}
	// The state decides, not the settings: they may have changed since the last update.
	protected, err := d.Protected(ctx)
	if err != nil {
		return deploy.Result{}, err
	}
	if len(protected) == 0 {
		if err := a.deleteUnlistable(ctx); err != nil {
			return deploy.Result{}, err
		}
	}
	if lift {
		if err := a.liftProtection(ctx, d); err != nil {
			return deploy.Result{}, err
		}
	}
	return d.Destroy(ctx)
}

// deleteUnlistable deletes what would keep the engine from emptying the bucket. It
// is not for a stack that protects its data.
func (a *app) deleteUnlistable(ctx context.Context) error {
	outputs, err := a.outputs(ctx)
	if errors.Is(err, deploy.ErrNotDeployed) {
		return nil
	}
	if err != nil {
		return err
	}
	endpoint, err := a.endpoint()
	if err != nil {
		return err
	}
	o, err := a.operateOn(ctx, outputs, endpoint)
	if err != nil {
		return err
	}
	n, err := o.DeleteUnlistable(ctx)
	if n > 0 {
		a.progress("  deleted %d versions of objects whose keys have control characters", n)
	}
	return err
}

// liftProtection lets a protected stack be destroyed: first AWS, because what is
// protected there only would stop the destroy halfway.
func (a *app) liftProtection(ctx context.Context, d *deploy.Deployment) error {
	o, err := a.operate(ctx)
	if err != nil {
		return err
	}
	if err := o.UnprotectDatabase(ctx); err != nil {
		return err
	}
	return d.Unprotect(ctx)
}

// confirm asks for the stack's name, as its data may be gone.
func (a *app) confirm(o downOptions, in io.Reader) error {
	if o.yes {
		return nil
	}
	what := "and its data"
	if o.lift {
		what = "and keeps what protectData keeps of its data"
	}
	if _, err := fmt.Fprintf(a.err, "This destroys stack %s %s. Type its name to go on: ", a.stack, what); err != nil {
		return fmt.Errorf("ask for confirmation: %w", err)
	}
	answer, err := bufio.NewReader(in).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if strings.TrimSpace(answer) != a.stack {
		return errors.New("not confirmed: nothing was destroyed (--yes answers for you)")
	}
	return nil
}
