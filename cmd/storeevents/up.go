package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"store-events/cmd/storeevents/page"
	"store-events/config"
	"store-events/deploy"
	"store-events/deploy/rolepolicy"
	"store-events/ops"
)

// upResult is what `up` prints.
type upResult struct {
	deploy.Result
	// Policies are the permissions that the role of --as needs, for a local stack.
	Policies rolePolicies `json:"policies,omitempty"`
}

func newUp(a *app) *cobra.Command {
	var o upOptions
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Create or update the stack",
		Long: `Create or update the stack's resources, checked by the policy pack. A local stack's AWS is started first.
It does not ask for confirmation: "storeevents preview" shows what would change.

With --as the provider assumes a deploy role for every call. For a local stack, the
role must exist in the local AWS and trust the account. The update then prints the
policies that the role needs to deploy, update and destroy the stack, even if the
update fails halfway.

With --from and --ttl an ephemeral stack is created, for example for a branch:
Pulumi.<stack>.yaml gets the settings of another stack, with its own names, without
protectData, and with the tag ExpiresAt. Later updates with --ttl, which need no --from,
move the expiry.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.from != "" && o.ttl == 0 {
				return errors.New("--from needs --ttl, the lifetime of the new stack")
			}
			if o.ttl != 0 {
				keyOf := func(stack string) (string, error) { return a.keyOf(cmd.Context(), stack) }
				if err := a.ephemeral(o.from, o.ttl, a.now(), keyOf); err != nil {
					return err
				}
			}
			var r upResult
			needed, err := a.watchRole(cmd.Context(), func() (err error) {
				r.Result, err = a.up(cmd.Context(), o)
				return err
			})
			r.Policies = rolepolicy.Split(rolepolicy.WithTeardown(needed))
			if err != nil {
				a.reportPartial(r.Policies)
				return err
			}
			return a.print(r, func(w *page.Page) {
				writeResult(w, r.Result)
				r.Policies.write(w)
			})
		},
	}
	a.asFlag(cmd, providersRole)
	cmd.Flags().BoolVar(&o.loseData, "lose-data", false, "replace or delete resources with data, if the settings require it")
	cmd.Flags().StringVar(&o.from, "from", "", "with --ttl: copy the settings of this stack, if the stack is new")
	cmd.Flags().DurationVar(&o.ttl, "ttl", 0, `lifetime from now of a stack created by --from, 1h to 720h; "storeevents down --expired" then destroys it`)
	return cmd
}

// upOptions are the flags of `up`.
type upOptions struct {
	// loseData allows an update to replace resources with data.
	loseData bool
	// from and ttl are for an ephemeral stack.
	from string
	ttl  time.Duration
}

// up updates the stack, if its settings are compatible with the deployed resources.
func (a *app) up(ctx context.Context, o upOptions) (deploy.Result, error) {
	cfg, err := a.checkConfig()
	if err != nil {
		return deploy.Result{}, err
	}
	if err := a.checkGlueVersion(ctx, cfg); err != nil {
		return deploy.Result{}, err
	}
	endpoint, err := a.started(ctx)
	if err != nil {
		return deploy.Result{}, err
	}
	deployed, err := a.checkDeployed(ctx, cfg, endpoint)
	if err != nil {
		return deploy.Result{}, err
	}
	if deployed != nil && !cfg.Common.Paused {
		a.wakeRotation(ctx, deployed)
	}
	return a.update(ctx, cfg, o)
}

// update previews the update, and refuses to replace or delete resources with data. With
// protectData the engine refuses it too, regardless of the options. If the preview shows
// no changes, there is no update.
func (a *app) update(ctx context.Context, cfg config.Config, o upOptions) (deploy.Result, error) {
	d, err := a.open(ctx)
	if err != nil {
		return deploy.Result{}, err
	}
	data, err := d.HoldsData(ctx)
	if err != nil {
		return deploy.Result{}, err
	}
	if data && (cfg.Common.ProtectData || !o.loseData) {
		r, err := d.Preview(ctx)
		if err != nil {
			return r, err
		}
		if err := a.refuseLoss(r); err != nil && !o.loseData {
			return r, err
		}
		if same, is := d.Unchanged(ctx, r); is {
			return same, nil
		}
	}
	r, err := d.Up(ctx)
	if err != nil || !data || !cfg.Common.ProtectData {
		return r, err
	}
	return r, a.protectDatabase(ctx, cfg, r.Outputs)
}

// wakeRotation makes the deployed rotation function ready, because the update may call it. The local AWS does not put
// functions to sleep. The caller may lack permission, because with --as only the provider needs it.
func (a *app) wakeRotation(ctx context.Context, o *ops.Ops) {
	if endpoint, err := a.endpoint(); endpoint != "" || err != nil {
		return
	}
	if err := o.WakeRotation(ctx); err != nil {
		a.progress("  the state of the rotation function is unknown: %v", err)
	}
}

// protectDatabase sets the instance's deletion protection again, if a destroy has lifted it and then failed: the
// engine's state does not have the change. A paused stack's database is stopped, and RDS would not modify it.
func (a *app) protectDatabase(ctx context.Context, cfg config.Config, outputs map[string]any) error {
	if cfg.Database.Existing() || cfg.Common.Paused {
		return nil
	}
	o, err := a.operateDeployed(ctx, outputs)
	if err != nil {
		return err
	}
	return o.ProtectDatabase(ctx)
}

func (a *app) refuseLoss(r deploy.Result) error {
	if len(r.DataLoss) == 0 {
		return nil
	}
	return fmt.Errorf("the update would lose data, and nothing is changed:\n  %s\n"+
		"restore the deployed values of these settings (`storeevents preview --stack %s` shows the difference), "+
		"or save the data as described in docs/stack-lifecycle.md and update with --lose-data", strings.Join(r.DataLoss, "\n  "), a.stack)
}
