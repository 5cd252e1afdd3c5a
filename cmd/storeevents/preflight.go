package main

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsconfig "github.com/aws/aws-sdk-go-v2/config"
	"github.com/spf13/cobra"

	"localaws/awsclient"
	"localaws/credentials"
	"store-events/deploy"
	"store-events/internal/plural"
	"store-events/preflight"
)

// profileKey is the provider's setting that names a profile of the AWS CLI.
const profileKey = "aws:profile"

func newPreflight(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "preflight",
		Short: "Check the account before the first update: names, quotas, zones, offers, permissions",
		Long: `Check, in the account that the stack is deployed to, what an update would fail
on although preview accepts it: credentials, names that are taken, quotas, zones
without the database's class, the instance's type or an endpoint's service, Lake
Formation, settings of the whole account, and the caller's permissions. Of an
existing VPC, bucket or database it checks what docs/existing.md asks of it, as far
as the account's APIs tell.

It only reads. What to look for comes from the program itself, by a preview
against an empty AWS on this machine; what the stack has already is left out. The
exit status is 0 if there is no problem; warnings and what could not be checked
do not change it.`,
		Example: "  storeevents preflight --stack dev",
		Args:    cobra.NoArgs,
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
}

func (a *app) preflight(ctx context.Context) (preflight.Report, error) {
	existing, unread := a.existing(ctx)
	plan, err := a.plan(ctx, existing)
	if err != nil {
		return preflight.Report{}, err
	}
	cfg, err := a.accountConfig(ctx)
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
func (a *app) existing(ctx context.Context) ([]deploy.Existing, error) {
	d, err := a.deployed(ctx)
	if err != nil {
		return nil, err
	}
	return d.Resources(ctx)
}

// accountConfig is for clients of the account that the stack is deployed to.
func (a *app) accountConfig(ctx context.Context) (aws.Config, error) {
	settings, err := deploy.ReadSettings(a.project, a.stack)
	if err != nil {
		return aws.Config{}, err
	}
	endpoint, err := a.started(ctx)
	if err != nil {
		return aws.Config{}, err
	}
	if endpoint != "" {
		owner, err := credentials.Read(a.state)
		return awsclient.Signed(settings.Region(), endpoint, owner), err
	}
	options := []func(*awsconfig.LoadOptions) error{awsconfig.WithRegion(settings.Region())}
	if profile, ok := settings.Config[profileKey].(string); ok {
		options = append(options, awsconfig.WithSharedConfigProfile(profile))
	}
	cfg, err := awsconfig.LoadDefaultConfig(ctx, options...)
	if err != nil {
		return cfg, fmt.Errorf("load the AWS configuration: %w", err)
	}
	return cfg, nil
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
