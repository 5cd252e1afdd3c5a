package main

import (
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"localaws/credentials"
	"store-events/cmd/storeevents/page"
	"store-events/deploy"
)

func newLocalEnv(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "env",
		Short: "Print shell variables that point any AWS client at the local AWS",
		Long: `Print assignments for a POSIX shell: the address, the region and the access key
of the local AWS. The key is a secret of its owner. A shell with these variables is for the
local AWS only: commands for stacks on AWS refuse to run in it.`,
		Example: `  eval "$(storeevents local env)" && aws s3 ls`,
		Args:    noArguments,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.localEnv(cmd.Context()) },
	}
}

// localEnv starts the local AWS if necessary, because the first start creates its key.
func (a *app) localEnv(ctx context.Context) error {
	endpoint, err := a.started(ctx)
	if err != nil {
		return err
	}
	if endpoint == "" {
		return a.notLocal()
	}
	settings, err := deploy.ReadSettings(a.project, a.stack)
	if err != nil {
		return err
	}
	owner, err := credentials.Read(a.state)
	if err != nil {
		return err
	}
	variables := credentials.Environment(endpoint, settings.Region(), owner)
	return a.print(variables, func(w *page.Page) {
		for _, name := range slices.Sorted(maps.Keys(variables)) {
			w.Printf("export %s='%s'\n", name, variables[name])
		}
		w.Println("unset", strings.Join(credentials.ForeignVariables, " "))
	})
}
