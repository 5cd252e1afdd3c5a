package main

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"store-events/deploy"
	"store-events/policy/pack"
	"store-events/policy/state"
)

func newPolicy(a *app) *cobra.Command {
	policy := &cobra.Command{
		Use:   "policy",
		Short: "Check the deployed stack against the policies",
		Args:  cobra.NoArgs,
	}
	policy.AddCommand(&cobra.Command{
		Use:   "check",
		Short: "Check the deployed resources, of which every value is known",
		Long: `Check the resources in the engine's state against the rules of the policy pack.
Nothing is unknown there, so that each rule can decide. The command fails on a
mandatory violation and on a rule that cannot decide.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			v, err := a.checkPolicies(cmd.Context())
			if err != nil {
				return err
			}
			if err := a.print(v, v.write); err != nil {
				return err
			}
			return v.err()
		},
	})
	return policy
}

func (a *app) checkPolicies(ctx context.Context) (verdict, error) {
	d, err := a.deployed(ctx)
	if err != nil {
		return verdict{}, err
	}
	exported, err := d.State(ctx)
	if err != nil {
		return verdict{}, a.adviseUp(err)
	}
	settings, err := deploy.ReadSettings(a.project, a.stack)
	if err != nil {
		return verdict{}, err
	}
	config, err := settings.PackConfig()
	if err != nil {
		return verdict{}, err
	}
	return checkState(exported, pack.Stack{Project: deploy.ProjectName, Name: a.stack, Config: config})
}

func checkState(exported []byte, stack pack.Stack) (verdict, error) {
	p, err := pack.New(stack)
	if err != nil {
		return verdict{}, err
	}
	resources, err := state.Read(exported)
	if err != nil {
		return verdict{}, err
	}
	var reports []pack.Report
	for _, r := range resources {
		reports = append(reports, p.JudgeResource(r)...)
	}
	reports = append(reports, p.JudgeStack(resources)...)
	return newVerdict(stack.Name, len(resources), reports), nil
}

func (v verdict) write(w *page) {
	for _, r := range v.Violations {
		w.printf("%s %s: %s\n", r.Level, r.Resource, strings.TrimSpace(r.Message))
	}
	w.printf("policies of stack %s: %d resources, %d mandatory and %d advisory violations, %d undecided\n",
		v.Stack, v.Resources, v.Summary.Mandatory, v.Summary.Advisory, v.Summary.Undecided)
}
