package main

import (
	"context"

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
	cmd := &cobra.Command{
		Use:   "up",
		Short: "Create or update the stack",
		Long: `Create or update the stack's resources, checked by the policy pack. A local stack's AWS is started first.

With --as the provider assumes a role for every call, as a deployment by a deploy
role does. On this machine the role must exist in the local AWS and trust the
account. The update then ends with the policies that the role needs to deploy the
stack, to update it and to tear it down, also if it fails halfway.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var r upResult
			needed, err := a.watchRole(cmd.Context(), func() (err error) {
				r.Result, err = a.up(cmd.Context())
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
	a.asFlag(cmd)
	return cmd
}

// up updates the stack, if its settings fit what is deployed.
func (a *app) up(ctx context.Context) (deploy.Result, error) {
	cfg, err := a.checkConfig()
	if err != nil {
		return deploy.Result{}, err
	}
	if _, err := a.started(ctx); err != nil {
		return deploy.Result{}, err
	}
	if err := a.checkDeployed(ctx, cfg); err != nil {
		return deploy.Result{}, err
	}
	return a.update(ctx, cfg)
}

func (a *app) update(ctx context.Context, cfg config.Config) (deploy.Result, error) {
	d, err := a.open(ctx)
	if err != nil {
		return deploy.Result{}, err
	}
	if cfg.Common.ProtectData { // Refuse to replace data before anything is changed.
		if r, err := d.Preview(ctx); err != nil {
			return r, err
		}
	}
	return d.Up(ctx)
}
