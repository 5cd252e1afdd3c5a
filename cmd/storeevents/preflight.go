package main

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"store-events/cmd/storeevents/page"
	"store-events/deploy"
	"store-events/internal/plural"
	"store-events/preflight"
)

func newPreflight(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "preflight",
		Short: "Check the account before the first update: names, quotas, zones, permissions",
		Long: `Check the stack's account for problems that would make an update fail although
preview accepts it: credentials, names in use, quotas, zones that lack the database's
class, the instance's type or an endpoint's service, Lake Formation, settings of the
whole account, and the permissions of the caller or of --as. It checks whether an existing
VPC, bucket or database meets the requirements in docs/existing.md, as far as the
account's APIs show it.

It only reads. A preview of the program against an empty local AWS determines what to
check, without resources that the stack already has. The exit status is 0 if there is
no problem, even with warnings and checks that could not be made.`,
		Example: `  storeevents preflight --stack dev
  storeevents preflight --stack dev --as arn:aws:iam::123456789012:role/deploy`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			report, err := a.preflight(cmd.Context())
			if err != nil {
				return err
			}
			if err := a.print(report, func(w *page.Page) { writePreflight(w, report) }); err != nil {
				return err
			}
			if n := report.Count(preflight.Problem); n > 0 {
				return &reportedError{fmt.Errorf("an update would fail on %s", plural.Count(n, "problem"))}
			}
			return nil
		},
	}
	a.asFlag(cmd, "ARN of the role whose permissions are checked, as for up --as; the checks also run as this role")
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
	if err := a.configApplies(endpoint); err != nil {
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
	a.progress("  checking the account")
	report, err := preflight.Run(ctx, preflight.NewClients(cfg), plan)
	if unread != nil {
		report.Findings = append(report.Findings, preflight.Finding{
			ID: "stack-state", Status: preflight.Unknown, What: "whether the stack is already deployed: " + unread.Error(),
			Do: "run `pulumi login`; until then, the stack's own resources count as names in use",
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

func writePreflight(w *page.Page, r preflight.Report) {
	var rows [][]string
	for _, f := range r.Findings {
		rows = append(rows, []string{string(f.Status), f.ID, f.What})
	}
	w.Table([]string{"STATUS", "CHECK", "FOUND"}, rows)
	for _, f := range r.Findings {
		if f.Do != "" {
			w.Printf("\n%s %s: %s\n  %s\n", f.Status, f.ID, f.What, f.Do)
		}
	}
	w.Printf("\nstack %s: %s, %s, %d not checked\n", r.Stack,
		plural.Count(r.Count(preflight.Problem), "problem"), plural.Count(r.Count(preflight.Warning), "warning"), r.Count(preflight.Unknown))
}
