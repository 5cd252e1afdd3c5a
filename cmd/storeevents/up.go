package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"store-events/config"
	"store-events/deploy"
	"store-events/deploy/rolepolicy"
)

// upResult is what `up` prints.
type upResult struct {
	deploy.Result
	// Policies are what the role of --as needs, if the stack is local.
	Policies rolePolicies `json:"policies,omitempty"`
}

func newUp(a *app) *cobra.Command {
	var o upOptions
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Create or update the stack",
		Long: `Create or update the stack's resources, checked by the policy pack. A local stack's AWS is started first.
It does not ask for confirmation: "storeevents preview" shows what would change.

With --as the provider assumes a role for every call, as a deployment by a deploy
role does. On this machine the role must exist in the local AWS and trust the
account. The update then ends with the policies that the role needs to deploy the
stack, to update it and to tear it down, even if it fails halfway.

With --from and --ttl a stack for a branch is made: Pulumi.<stack>.yaml gets the
settings of another stack, its own names, no protection of data, and the tag
ExpiresAt. Each further update with --ttl moves the expiry; it needs no --from.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.from != "" && o.ttl == 0 {
				return errors.New("--from needs --ttl: how long the new stack lives")
			}
			if o.ttl != 0 {
				if err := a.ephemeral(o.from, o.ttl, a.now()); err != nil {
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
			return a.print(r, func(w *page) {
				writeResult(w, r.Result)
				r.Policies.write(w)
			})
		},
	}
	a.asFlag(cmd, providersRole)
	cmd.Flags().BoolVar(&o.loseData, "lose-data", false, "replace or delete what holds data, if the settings ask for it")
	cmd.Flags().StringVar(&o.from, "from", "", "with --ttl: take the settings of this stack, if the stack is new")
	cmd.Flags().DurationVar(&o.ttl, "ttl", 0, `how long a stack made by --from lives from now, such as 48h; "storeevents down --expired" then destroys it`)
	return cmd
}

// upOptions are the flags of `up`.
type upOptions struct {
	// loseData lets an update replace what holds data.
	loseData bool
	// from and ttl are for a stack that lives for a while.
	from string
	ttl  time.Duration
}

// up updates the stack, if its settings fit what is deployed.
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
	if err := a.checkDeployed(ctx, cfg, endpoint); err != nil {
		return deploy.Result{}, err
	}
	return a.update(ctx, cfg, o)
}

// update refuses, before anything is changed, to replace or delete what holds data.
// With protectData the engine refuses it, whatever the options say. Where its preview
// shows that there is nothing to do, that is all.
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
	return d.Up(ctx)
}

func (a *app) refuseLoss(r deploy.Result) error {
	if len(r.DataLoss) == 0 {
		return nil
	}
	return fmt.Errorf("the update would lose data, and nothing is changed:\n  %s\n"+
		"set what is named back to its deployed value (`storeevents preview --stack %s` shows the difference), "+
		"or save the data as docs/stack-lifecycle.md says and update with --lose-data", strings.Join(r.DataLoss, "\n  "), a.stack)
}
