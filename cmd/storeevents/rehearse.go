package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/spf13/cobra"

	"store-events/cmd/storeevents/page"
	"store-events/deploy"
)

func newRehearse(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "rehearse",
		Short: "Deploy the stack to an empty local AWS, and check that a second update changes nothing",
		Long: `Deploy the stack, with its settings, to a temporary local AWS; then preview a
second update, which must change nothing. No account, credential or network is
needed.`,
		Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			first, second, err := a.rehearse(cmd.Context())
			if err != nil {
				return err
			}
			result := map[string]deploy.Result{"first": first, "second": second}
			if err := a.print(result, func(w *page.Page) {
				writeResult(w, first)
				writeResult(w, second)
				if !second.Changed() {
					w.Printf("stack %s deploys, and a second update changes nothing\n", a.stack)
				}
			}); err != nil {
				return err
			}
			if second.Changed() {
				return &reportedError{errors.New("a second update would change resources again")}
			}
			return nil
		},
	}
}

func (a *app) rehearse(ctx context.Context) (first, second deploy.Result, err error) {
	cfg, err := a.checkConfig()
	if err != nil {
		return first, second, err
	}
	if cfg.Database.Existing() {
		return first, second, fmt.Errorf("a rehearsal cannot reach the server of store-events:databaseHost (%s): use `storeevents preview --offline --stack %s`", cfg.Database.Host, a.stack)
	}
	second, err = a.offline(ctx, func(d *deploy.Deployment) (r deploy.Result, err error) {
		if first, err = d.Up(ctx); err != nil {
			return first, err
		}
		return d.Preview(ctx)
	})
	return first, second, err
}
