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

	"store-events/deploy"
	"store-events/local/localaws"
)

// downResult is what `down` prints.
type downResult struct {
	deploy.Result
	// StateRemoved says that the AWS on this machine is stopped and its folder gone.
	StateRemoved bool `json:"state_removed"`
}

func newDown(a *app) *cobra.Command {
	var yes, force bool
	cmd := &cobra.Command{
		Use:   "down",
		Short: "Destroy the stack; a local one with its AWS and all its state",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := a.down(cmd.Context(), yes, force, cmd.InOrStdin())
			if err != nil {
				return err
			}
			return a.print(r, func(w *page) {
				writeResult(w, r.Result)
				if r.StateRemoved {
					w.println("stopped the AWS on this machine and removed", a.state)
				}
			})
		},
	}
	cmd.Flags().BoolVarP(&yes, "yes", "y", false, "do not ask before a stack of AWS is destroyed")
	cmd.Flags().BoolVar(&force, "force", false, "remove a local stack without asking the engine to destroy it first")
	return cmd
}

func (a *app) down(ctx context.Context, yes, force bool, in io.Reader) (downResult, error) {
	var r downResult
	endpoint, err := a.endpoint()
	if err != nil {
		return r, err
	}
	if endpoint == "" {
		if force {
			return r, errors.New("--force is for local stacks: a stack of AWS must be destroyed by the engine")
		}
		if err := a.confirm(yes, in); err != nil {
			return r, err
		}
		r.Result, err = a.destroy(ctx)
		return r, err
	}
	r.Result = deploy.Result{Stack: a.stack, Operation: "destroy", Changes: map[string]int{}, Steps: []deploy.Step{}, Violations: []deploy.Violation{}}
	if _, err := os.Stat(a.state); errors.Is(err, os.ErrNotExist) {
		return r, nil
	}
	if !force {
		if err := a.startLocal(ctx, endpoint); err != nil {
			return r, fmt.Errorf("%w (--force removes the stack without it)", err)
		}
		if r.Result, err = a.destroy(ctx); err != nil {
			return r, fmt.Errorf("%w (--force removes the stack anyway)", err)
		}
	}
	if err := localaws.Stop(ctx, a.state); err != nil {
		return r, err
	}
	r.StateRemoved = true
	return r, os.RemoveAll(a.state)
}

func (a *app) destroy(ctx context.Context) (deploy.Result, error) {
	if err := a.deleteUnlistable(ctx); err != nil {
		return deploy.Result{}, err
	}
	d, err := a.open(ctx, nil)
	if err != nil {
		return deploy.Result{}, err
	}
	return d.Destroy(ctx)
}

// deleteUnlistable deletes what would keep the engine from emptying the bucket. A
// stack that protects its data keeps everything.
func (a *app) deleteUnlistable(ctx context.Context) error {
	outputs, err := a.outputs(ctx)
	if errors.Is(err, deploy.ErrNotDeployed) {
		return nil
	}
	if err != nil {
		return err
	}
	protected, err := a.protectsData()
	if err != nil || protected {
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

func (a *app) protectsData() (bool, error) {
	const key = deploy.ProjectName + ":protectData"
	settings, err := deploy.ReadSettings(a.project, a.stack)
	if err != nil {
		return false, err
	}
	value := fmt.Sprint(settings.Config[key])
	if given, ok := a.config[key]; ok {
		value = given
	}
	return value == "true", nil
}

// confirm asks for the stack's name, as its data would be gone.
func (a *app) confirm(yes bool, in io.Reader) error {
	if yes {
		return nil
	}
	if _, err := fmt.Fprintf(a.err, "This destroys stack %s and its data. Type its name to go on: ", a.stack); err != nil {
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
