package main

import (
	"context"
	"maps"
	"slices"

	"github.com/spf13/cobra"

	"localaws/credentials"
	"store-events/deploy"
)

func newLocalEnv(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "env",
		Short: "Print shell variables that point any AWS client at it",
		Long: `Print assignments for a POSIX shell: the address, the region and the access key
of the AWS on this machine. The key is a secret of its owner.`,
		Example: `  eval "$(storeevents local env)" && aws s3 ls`,
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return a.localEnv(cmd.Context()) },
	}
}

// localEnv starts the local AWS if necessary, because that creates its key.
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
	variables := map[string]string{
		"AWS_ENDPOINT_URL":      endpoint,
		"AWS_REGION":            settings.Region(),
		"AWS_DEFAULT_REGION":    settings.Region(),
		"AWS_ACCESS_KEY_ID":     owner.AccessKeyID,
		"AWS_SECRET_ACCESS_KEY": owner.SecretAccessKey,
	}
	return a.print(variables, func(w *page) {
		for _, name := range slices.Sorted(maps.Keys(variables)) {
			w.printf("export %s='%s'\n", name, variables[name])
		}
		// Variables meant for AWS itself would override or accompany those above.
		w.println("unset AWS_SESSION_TOKEN AWS_PROFILE AWS_CA_BUNDLE")
	})
}
