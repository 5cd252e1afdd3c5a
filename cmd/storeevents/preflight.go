package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"store-events/deploy"
	"store-events/internal/plural"
	"store-events/preflight"
)

func newPreflight(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "preflight",
		Short: "Check the account before the first update: names, quotas, zones, offers, permissions",
		Long: `Check, in the account that the stack is deployed to, what an update would fail
on although preview accepts it: credentials, names that are taken, quotas, zones
without the database's class, the instance's type or an endpoint's service, Lake
Formation, settings of the whole account, and the permissions of the caller, or of --as. It
checks an existing VPC, bucket or database against docs/existing.md, as far as the
account's APIs show it.

It only reads. A preview of the program against an empty local AWS finds what to
check; resources that the stack already has are left out. The exit status is 0 if
there is no problem; warnings, and checks that could not be made, do not change it.`,
		Example: `  storeevents preflight --stack dev
  storeevents preflight --stack dev --as arn:aws:iam::123456789012:role/deploy`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			report, err := a.preflight(cmd.Context())
			if err != nil {
				return err
			}
			if err := a.print(report, func(w *page) { writePreflight(w, report) }); err != nil {
				return err
			}
			if n := report.Count(preflight.Problem); n > 0 {
				return &reportedError{fmt.Errorf("an update would fail on %s", plural.Count(n, "problem"))}
			}
			return nil
		},
	}
	a.asFlag(cmd, "ARN of the role whose permissions are checked, as up --as deploys with it; it also asks the account")
	return cmd
}

func (a *app) preflight(ctx context.Context) (preflight.Report, error) {
	if err := a.checkRole(); err != nil {
		return preflight.Report{}, err
	}
	endpoint, err := a.started(ctx)
	if err != nil {
		return preflight.Report{}, err
	}
	cfg, err := a.deployerConfig(ctx, endpoint)
	if err != nil {
		return preflight.Report{}, err
	}
	existing, unread := a.existing(ctx)
	plan, err := a.plan(ctx, existing)
	if err != nil {
		return preflight.Report{}, err
	}
	a.progress("  asking the account")
	report, err := preflight.Run(ctx, preflight.NewClients(cfg), plan)
	if unread != nil {
		report.Findings = append(report.Findings, preflight.Finding{
			ID: "stack-state", Status: preflight.Unknown, What: "whether the stack is deployed already: " + unread.Error(),
			Do: "run `pulumi login`; until then what the stack has counts as taken by somebody else",
		})
	}
	return report, err
}

// existing returns the stack's resources; none if it is not deployed.
func (a *app) existing(ctx context.Context) ([]deploy.DeployedResource, error) {
	d, err := a.deployed(ctx)
	if err != nil {
		return nil, err
	}
	return d.Resources(ctx)
}

func writePreflight(w *page, r preflight.Report) {
	var rows [][]string
	for _, f := range r.Findings {
		rows = append(rows, []string{string(f.Status), f.ID, f.What})
	}
	writeTable(w, []string{"STATUS", "CHECK", "FOUND"}, rows)
	for _, f := range r.Findings {
		if f.Do != "" {
			w.printf("\n%s %s: %s\n  %s\n", f.Status, f.ID, f.What, f.Do)
		}
	}
	w.printf("\nstack %s: %s, %s, %d not checked\n", r.Stack,
		plural.Count(r.Count(preflight.Problem), "problem"), plural.Count(r.Count(preflight.Warning), "warning"), r.Count(preflight.Unknown))
}
