package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"store-events/cmd/storeevents/page"
	"store-events/config"
	"store-events/deploy"
	"store-events/policy/format"
	"store-events/policy/framework"
	"store-events/policy/pack"
	"store-events/policy/rule"
	"store-events/policy/state"
)

func newPolicy(a *app) *cobra.Command {
	policy := &cobra.Command{
		Use:   "policy",
		Short: "Check the deployed stack against the policies",
		Args:  noArguments,
	}
	policy.AddCommand(newPolicyCheck(a))
	return policy
}

func newPolicyCheck(a *app) *cobra.Command {
	var c policyCheck
	cmd := &cobra.Command{
		Use:   "check",
		Short: "Check the deployed resources, with all values known",
		Long: `Check the resources in the engine's state against the rules of the policy pack.
The state contains all values, unlike a preview, so every rule can decide.
The command fails on a mandatory violation and on a rule that cannot decide.

With --state it checks the output of "pulumi stack export --show-secrets", of any
program in any language, and needs no project. Without --show-secrets, rules that
cannot decide because of a secret are listed and do not fail the check.

--framework cis selects the rules for the CIS AWS Foundations Benchmark v5.0.0, and pci those
for PCI DSS v4.0.1: rules that name a Security Hub control which AWS relates to the standard.
They cover only a part of it, so passing does not prove compliance. Other versions are
cis-v3.0.0, cis-v1.4.0, cis-v1.2.0 and pci-v3.2.1.

Findings in a baseline are omitted, marked as suppressed in SARIF, and do not fail
the check.`,
		Example: `  storeevents policy check --state export.json --format sarif >policies.sarif
  storeevents policy check --state export.json --framework cis,pci --baseline known.json`,
		Args:        noArguments,
		Annotations: anywhere(),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if f := cmd.Flags(); f.Changed("format") && f.Changed("output") && a.output != c.format {
				return fmt.Errorf("--output %s and --format %s: use only one of them", a.output, c.format)
			}
			if c.format == "json" { // First, so that errors are JSON too.
				a.output = "json"
			}
			if err := c.check(); err != nil {
				return err
			}
			return a.policyCheck(cmd.Context(), c)
		},
	}
	f := cmd.Flags()
	f.StringVar(&c.file, "state", "", "output of pulumi stack export, of any stack, to check instead of the deployed one; a folder means the folder of all local state")
	f.StringVar(&c.environment, "environment", "", "with --state, the environment that sets the levels: prod, dev or local (default: by the stack's name, else prod)")
	f.StringVar(&c.format, "format", "text", "output format: "+strings.Join(formats, ", "))
	f.StringSliceVar(&c.framework, "framework", nil, "check only rules with one of these sources: "+strings.Join(framework.Names(), ", ")+
		", the ID of a control, or a requirement such as cis-2.1.4")
	f.StringVar(&c.baseline, "baseline", "", "file of known findings")
	f.StringVar(&c.writeBaseline, "write-baseline", "", "file to write the findings to, for --baseline")
	return cmd
}

func (a *app) policyCheck(ctx context.Context, c policyCheck) error {
	result, err := a.checkExportOrStack(ctx, c)
	if err != nil {
		return err
	}
	if err := c.useBaseline(&result); err != nil {
		return err
	}
	v := verdictOf(result)
	if slices.Contains([]string{"sarif", "html", "github"}, c.format) {
		if err := writeAs(a.result(), result, c.format); err != nil {
			return fmt.Errorf("write the findings: %w", err)
		}
		return v.err()
	}
	if err := a.print(v, v.write); err != nil {
		return err
	}
	return v.err()
}

func (a *app) checkExportOrStack(ctx context.Context, c policyCheck) (format.Result, error) {
	if info, err := os.Stat(c.file); err == nil && info.IsDir() {
		a.state, c.file = c.file, "" // --state of the other commands.
	}
	if c.file != "" {
		return a.checkExport(c)
	}
	if err := a.prepare(); err != nil {
		return format.Result{}, err
	}
	a.begin("storeevents policy check")
	return a.checkStack(ctx, c)
}

func (a *app) checkStack(ctx context.Context, c policyCheck) (format.Result, error) {
	resources, err := a.stateResources(ctx)
	if err != nil {
		return format.Result{}, err
	}
	return a.checkResources(resources, c)
}

// stateResources returns the resources of the deployed stack in the form that rules check.
func (a *app) stateResources(ctx context.Context) ([]rule.Resource, error) {
	d, err := a.deployed(ctx)
	if err != nil {
		return nil, err
	}
	exported, err := d.State(ctx)
	if err != nil {
		return nil, a.adviseUp(err)
	}
	return state.Read(exported)
}

func (a *app) checkResources(resources []rule.Resource, c policyCheck) (format.Result, error) {
	settings, err := deploy.ReadSettings(a.project, a.stack)
	if err != nil {
		return format.Result{}, err
	}
	packConfig, err := settings.PackConfig()
	if err != nil {
		return format.Result{}, err
	}
	result, err := c.apply(pack.Stack{Project: config.Namespace, Name: a.stack, Config: packConfig}, resources)
	result.File, result.MustDecide = "Pulumi."+a.stack+".yaml", true
	return result, err
}

func (v verdict) write(w *page.Page) {
	writeViolations(w, v.Violations)
	for _, r := range v.Undecided {
		w.Printf("undecided %s: %s\n", r.Resource, strings.TrimSpace(r.Message))
	}
	w.Printf("policies of stack %s: %d resources, %d mandatory and %d advisory violations, %d undecided\n",
		v.Stack, v.Resources, v.Summary.Mandatory, v.Summary.Advisory, v.Summary.Undecided)
	if v.Known > 0 {
		w.Printf("%d findings are in the baseline\n", v.Known)
	}
}
