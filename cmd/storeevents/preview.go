package main

import (
	"context"
	"errors"
	"slices"

	"github.com/spf13/cobra"

	"store-events/cmd/storeevents/page"
	"store-events/deploy"
)

// previewResult is what `preview` prints.
type previewResult struct {
	deploy.Result
	// Error is the reason why an update would fail.
	Error string `json:"error,omitempty"`
}

// previewOptions are the flags of `preview`.
type previewOptions struct{ offline, expectNoChanges, summary bool }

func newPreview(a *app) *cobra.Command {
	var o previewOptions
	cmd := &cobra.Command{
		Use:   "preview",
		Short: "Show what an update would change, checked by the policy pack",
		Long: `Show what an update would change, and what the policy pack reports.

With --offline a stack on AWS is previewed without account, credentials or
network: the real engine and provider code against an empty local AWS.
It does not show what is deployed, nor the types of existing columns. A local stack
is always compared with its deployed state.`,
		Example: "  storeevents preview --stack prod --offline",
		Args:    noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			r, err := a.preview(cmd.Context(), o.offline)
			if err != nil && !errors.Is(err, deploy.ErrFailed) {
				return err
			}
			result := previewResult{Result: r}
			if err != nil {
				result.Error = err.Error()
			}
			if printErr := a.print(result, func(w *page.Page) { writePreview(w, r, o.summary) }); printErr != nil {
				return printErr
			}
			if err != nil {
				return &reportedError{err}
			}
			if o.expectNoChanges && r.Changed() {
				return &reportedError{errors.New("the preview has changes, but none were expected")}
			}
			return nil
		},
	}
	a.asFlag(cmd, providersRole)
	cmd.Flags().BoolVar(&o.offline, "offline", false, "preview against an empty local AWS")
	cmd.Flags().BoolVar(&a.refresh, "refresh", false, "compare with the resources on AWS, not with the last update")
	cmd.Flags().BoolVar(&o.expectNoChanges, "expect-no-changes", false, "fail if anything would change")
	cmd.Flags().BoolVar(&o.summary, "summary", false, "print counts, replacements and policy reports, without the diff of each resource")
	return cmd
}

func (a *app) preview(ctx context.Context, offline bool) (deploy.Result, error) {
	endpoint, err := a.endpoint()
	if err != nil {
		return deploy.Result{}, err
	}
	offline = offline && endpoint == "" // A local stack has a state and needs no account.
	if offline && a.as != "" {
		return deploy.Result{}, errors.New("--as names a role of an account, and --offline has none")
	}
	if offline && a.refresh {
		return deploy.Result{}, errors.New("--refresh reads the resources of an account, and --offline has none")
	}
	cfg, err := a.checkConfig()
	if err != nil {
		return deploy.Result{}, err
	}
	if offline {
		r, err := a.offline(ctx, func(d *deploy.Deployment) (deploy.Result, error) { return d.Preview(ctx) })
		if cfg.Catalog.ExtraColumns != "" {
			r.Notes = append(r.Notes, "extraColumns: the types of existing columns are not known offline; `up`, and `preview` without --offline, check them")
		}
		return r, err
	}
	if endpoint, err = a.started(ctx); err != nil {
		return deploy.Result{}, err
	}
	if _, err := a.checkDeployed(ctx, cfg, endpoint); err != nil {
		return deploy.Result{}, err
	}
	d, err := a.open(ctx)
	if err != nil {
		return deploy.Result{}, err
	}
	return d.Preview(ctx)
}

// writePreview writes the diff and the result. A summary lists replaced and deleted
// resources instead of the diff.
func writePreview(w *page.Page, r deploy.Result, summary bool) {
	if summary {
		r.Diff = ""
		for _, s := range r.Steps {
			if slices.Contains([]string{opReplace, opDelete}, s.Op) {
				w.Printf("%s %s %s\n", s.Op, s.Type, s.Name)
			}
		}
	}
	writeResult(w, r)
}
