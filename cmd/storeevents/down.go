package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"localaws/daemon"
	"store-events/cmd/storeevents/page"
	"store-events/deploy"
	"store-events/deploy/rolepolicy"
	"store-events/internal/plural"
	"store-events/ops"
	"store-events/program/output"
)

// downResult is what `down` prints.
type downResult struct {
	deploy.Result
	// StateRemoved reports whether the local AWS was stopped and its folder removed.
	StateRemoved bool `json:"state_removed"`
	// KeptFor lists other stacks for which the local AWS is kept.
	KeptFor []string `json:"state_kept_for,omitempty"`
	// Policies are the permissions that the role of --as needed, for a local stack.
	Policies rolePolicies `json:"policies,omitempty"`
}

// instanceType is the type of the stack's database.
const instanceType = "aws:rds/instance:Instance"

// downOptions are the flags of `down`.
type downOptions struct{ yes, force, lift, expired bool }

func newDown(a *app) *cobra.Command {
	var o downOptions
	cmd := &cobra.Command{
		Use:   "down",
		Short: "Destroy the stack; for a local stack, also remove its AWS and state",
		Long: `Destroy the stack. A local stack's AWS and state are removed too, unless another
stack uses them.

A stack with protectData is not destroyed, except with --lift-protection. Its data
is then kept: both buckets, the key that encrypts them, a final snapshot of the
database, and for 30 days the secrets. docs/stack-lifecycle.md describes what to do
with them. The last deployed value of protectData decides, not the current setting.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case o.expired && o.force:
				return errors.New("--expired and --force: use only one of them")
			case o.expired && o.lift:
				return errors.New("--expired and --lift-protection: use only one of them")
			case o.expired:
				return a.downExpired(cmd, o)
			}
			r, err := a.down(cmd.Context(), o, cmd.InOrStdin())
			if err != nil {
				a.reportPartial(r.Policies)
				return err
			}
			return a.print(r, func(w *page.Page) { r.write(w, a) })
		},
	}
	a.asFlag(cmd, "with a local stack, "+providersRole+"; a stack on AWS is destroyed with the role of its last update")
	cmd.Flags().BoolVarP(&o.yes, "yes", "y", false, "do not ask before destroying a stack on AWS")
	cmd.Flags().BoolVar(&o.lift, "lift-protection", false, "destroy a stack with protectData, which keeps its data")
	cmd.Flags().BoolVar(&o.force, "force", false, "remove a local stack without a destroy by the engine")
	cmd.Flags().BoolVar(&o.expired, "expired", false, `destroy all stacks that have expired ("storeevents up --ttl"), and remove their settings`)
	return cmd
}

func (r downResult) write(w *page.Page, a *app) {
	if len(r.Steps) == 0 && !r.StateRemoved && len(r.KeptFor) == 0 {
		w.Printf("nothing to do: stack %s is not deployed\n", a.stack)
		return
	}
	writeResult(w, r.Result)
	r.Policies.write(w)
	if r.StateRemoved {
		w.Println("stopped the local AWS and removed", a.state)
	}
	if len(r.KeptFor) > 0 {
		w.Println("the local AWS is kept for stack", strings.Join(r.KeptFor, ", "))
	}
}

func (a *app) down(ctx context.Context, o downOptions, in io.Reader) (downResult, error) {
	endpoint, err := a.endpoint()
	if err != nil {
		return downResult{}, err
	}
	if endpoint != "" {
		return a.downLocal(ctx, o, endpoint)
	}
	var r downResult
	if o.force {
		return r, errors.New("--force is for local stacks: the engine must destroy a stack on AWS")
	}
	if a.as != "" { // A destroy uses the provider's settings of the last update.
		return r, fmt.Errorf("--as of `down` is for local stacks: a stack on AWS is destroyed with the role of its last update. "+
			"Run `storeevents up --stack %s --as %s` first, and `down` without --as", a.stack, a.as)
	}
	if err := a.reachesAWS(endpoint); err != nil {
		return r, err
	}
	if err := a.confirm(ctx, o, in); err != nil {
		return r, err
	}
	if r.Result, err = a.destroy(ctx, o.lift); err != nil {
		return r, err
	}
	return r, a.forget()
}

func (a *app) downLocal(ctx context.Context, o downOptions, endpoint string) (downResult, error) {
	r := downResult{Result: a.nothingDestroyed()}
	if _, err := os.Stat(a.state); errors.Is(err, os.ErrNotExist) {
		return r, nil
	}
	others, err := a.otherStacks()
	if err != nil {
		return r, err
	}
	if o.force {
		if err := a.refuseOthers(others); err != nil {
			return r, err
		}
		unlock, err := deploy.Lock(ctx, deploy.Options{StateDir: a.state, Stack: a.stack})
		if err != nil {
			return r, err
		}
		defer unlock()
	} else if r, err = a.destroyLocal(ctx, o, endpoint, others); err != nil {
		return r, err
	}
	if len(others) > 0 {
		r.KeptFor = others
		return r, nil
	}
	if !a.isState() {
		return r, fmt.Errorf("%s is not a folder of local state, because it has no file %s: nothing was removed", a.state, stateMark)
	}
	if err := daemon.Stop(ctx, a.state); err != nil {
		return r, err
	}
	r.StateRemoved = true
	return r, os.RemoveAll(a.state)
}

// nothingDestroyed returns the result of a destroy without steps.
func (a *app) nothingDestroyed() deploy.Result {
	return deploy.Result{
		Stack: a.stack, Operation: "destroy", Changes: map[string]int{}, Steps: []deploy.Step{}, Violations: []deploy.Violation{},
	}
}

// destroyLocal destroys the stack, but not its local AWS. If the state lacks resources, it leaves all to the
// removal of the local AWS.
func (a *app) destroyLocal(ctx context.Context, o downOptions, endpoint string, others []string) (r downResult, err error) {
	if err := a.startLocal(ctx, endpoint); err != nil {
		return r, fmt.Errorf("%w (--force removes the stack without it)", err)
	}
	needed, err := a.watchRole(ctx, func() (err error) {
		r.Result, err = a.destroy(ctx, o.lift)
		return err
	})
	r.Policies = rolepolicy.Split(needed)
	switch pending := errors.Is(err, errPending); {
	case err == nil || ctx.Err() != nil:
		return r, err
	case pending && len(others) > 0:
		return r, fmt.Errorf("%w: destroy the other stacks first (%s), and `storeevents down` removes this one with the local AWS", err, strings.Join(others, ", "))
	case pending:
		a.progress("%v: they end with the local AWS", err)
		r.Result = a.nothingDestroyed()
		return r, nil
	}
	return r, fmt.Errorf("%w (--force removes the stack anyway)", err)
}

// otherStacks returns the other stacks with resources in the local AWS.
func (a *app) otherStacks() ([]string, error) {
	stacks, err := deploy.LocalStacks(a.state)
	return slices.DeleteFunc(stacks, func(name string) bool { return name == a.stack }), err
}

// errPending means that a local stack has resources that its state lacks. A destroy would leave them behind, and wait in
// vain for the deletion of others that they use, such as the VPC.
var errPending = errors.New("an earlier command was killed while it created resources that the stack's state lacks")

// destroy checks in the engine's state whether the stack protects its data, because the
// settings may have changed since the last update.
func (a *app) destroy(ctx context.Context, lift bool) (deploy.Result, error) {
	d, err := a.open(ctx)
	if err != nil {
		return deploy.Result{}, err
	}
	protection, err := d.Protection(ctx)
	if err != nil {
		return deploy.Result{}, err
	}
	var pending []string
	if d.Local() {
		pending, protection.Pending = protection.Pending, nil
	}
	if err := a.checkProtection(protection, lift); err != nil {
		return deploy.Result{}, err
	}
	if len(pending) > 0 {
		return deploy.Result{}, fmt.Errorf("%w (%s)", errPending, strings.Join(pending, ", "))
	}
	outputs, err := a.outputs(ctx)
	switch notDeployed := errors.Is(err, deploy.ErrNotDeployed); {
	case notDeployed && lift && len(protection.Protected) > 0:
		err = a.liftUnfinished(ctx, d)
	case notDeployed && !lift:
		err = nil
	case err == nil:
		err = a.prepareDestroy(ctx, d, protection, outputs, lift)
	}
	if err != nil {
		return deploy.Result{}, err
	}
	// The rest of an interrupted destroy must not count as a paused stack, and a new stack of
	// this name must run first.
	if err := a.setPaused(false); err != nil {
		return deploy.Result{}, err
	}
	return d.Destroy(ctx)
}

// checkProtection refuses to destroy a stack that protects its data, or whose data would
// be lost although the settings or the user request to keep it.
func (a *app) checkProtection(p deploy.Protection, lift bool) error {
	cfg, err := a.checkConfig()
	if err != nil {
		return err
	}
	set := cfg.Common.ProtectData
	switch names := strings.Join(p.Protected, ", "); {
	case len(p.Pending) > 0:
		return fmt.Errorf("an earlier command was killed while it created %s of stack %s: a destroy would leave them on AWS, because the stack's state lacks them. "+
			"Check whether they exist on AWS, import or dismiss them with `pulumi refresh --stack %[2]s`, which prompts for each, and run `storeevents down --stack %[2]s` again",
			strings.Join(p.Pending, ", "), a.stack)
	case len(p.Protected) > 0 && !lift && set:
		return fmt.Errorf("protectData is set for stack %s (%s): `storeevents down --stack %[1]s --lift-protection` destroys it and keeps its data; "+
			"to delete the data too, set protectData to false and run `storeevents up --stack %[1]s` first", a.stack, names)
	case len(p.Protected) > 0 && !lift:
		return fmt.Errorf("stack %s was deployed with protectData, which protects %s, and the setting has changed to false since: "+
			"run `storeevents up --stack %[1]s` first, and `down` deletes the data too; or keep the data with `storeevents down --stack %[1]s --lift-protection`", a.stack, names)
	case len(p.Protected) == 0 && len(p.Deleted) > 0 && set:
		return fmt.Errorf("protectData is set for stack %s, but the last update did not deploy it, so that %s would be deleted with all objects: "+
			"run `storeevents up --stack %[1]s` first, or set protectData to false to delete the data", a.stack, strings.Join(p.Deleted, ", "))
	case len(p.Protected) == 0 && len(p.Deleted) > 0 && lift:
		return fmt.Errorf("--lift-protection keeps the data of a stack with protectData, and stack %s was deployed without: "+
			"run `storeevents down --stack %[1]s` to delete it with its data", a.stack)
	}
	return nil
}

// prepareDestroy removes what would make the destroy fail halfway.
func (a *app) prepareDestroy(ctx context.Context, d *deploy.Deployment, p deploy.Protection, outputs map[string]any, lift bool) error {
	emptied := len(p.Protected) == 0 && len(p.Deleted) > 0
	paused := outputs[output.Paused] == true
	if !emptied && !paused && !lift {
		return nil
	}
	o, err := a.operateDeployed(ctx, outputs)
	if err != nil {
		return err
	}
	if emptied {
		if err := a.deleteObstacles(ctx, o); err != nil {
			return err
		}
	}
	if paused { // RDS can neither modify a stopped instance nor create its final snapshot.
		if err := o.StartForTeardown(ctx); err != nil {
			return err
		}
	}
	if !lift {
		return nil
	}
	if err := o.UnprotectDatabase(ctx); err != nil {
		return err
	}
	return d.Unprotect(ctx)
}

// liftUnfinished lifts the protection of a stack without outputs, because its first update has failed.
func (a *app) liftUnfinished(ctx context.Context, d *deploy.Deployment) error {
	resources, err := a.existing(ctx)
	if err != nil {
		return err
	}
	endpoint, err := a.endpoint()
	if err != nil {
		return err
	}
	account, err := a.accountConfig(ctx, endpoint)
	if err != nil {
		return err
	}
	for _, r := range resources {
		identifier, _ := r.Outputs["identifier"].(string)
		if r.Type != instanceType || identifier == "" {
			continue
		}
		o := ops.New(ops.Stack{Name: a.stack, Database: identifier, Region: account.Region, Endpoint: endpoint}, ops.Options{AWS: account})
		if err := o.UnprotectDatabase(ctx); err != nil {
			return err
		}
	}
	return d.Unprotect(ctx)
}

// deleteObstacles deletes versions of objects that would prevent the engine from emptying the bucket. It must not be
// called for a stack that protects its data.
func (a *app) deleteObstacles(ctx context.Context, o *ops.Ops) error {
	n, err := o.DeleteObstacles(ctx)
	if n > 0 {
		a.progress("  deleted %s of objects that would prevent the engine from emptying the bucket", plural.Count(n, "version"))
	}
	return err
}

// confirm prompts for the stack's name, because its data may be lost.
func (a *app) confirm(ctx context.Context, o downOptions, in io.Reader) error {
	if o.yes {
		return nil
	}
	defer a.pauseLine()()
	what := "and its data"
	if o.lift {
		what = "and keeps the data that protectData protects"
	}
	if _, err := fmt.Fprintf(a.err, "This destroys stack %s %s. Type its name to continue: ", a.stack, what); err != nil {
		return fmt.Errorf("ask for confirmation: %w", err)
	}
	name, err := answer(ctx, func() (string, error) { return bufio.NewReader(in).ReadString('\n') })
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("nothing was destroyed: %w", err)
	}
	if strings.TrimSpace(name) != a.stack {
		return errors.New("not confirmed: nothing was destroyed (--yes skips the prompt)")
	}
	return nil
}
