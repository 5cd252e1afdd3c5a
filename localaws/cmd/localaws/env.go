package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"localaws/credentials"
	"localaws/daemon"
)

func newEnv(c *cli) *cobra.Command {
	return &cobra.Command{
		Use: "env", Short: "Print shell variables that point any AWS client at it",
		Long: `Print assignments for a POSIX shell: the address, the region and the access key
of the owner of the state folder, who may do everything. The key is a secret. The
JSON form is an object with the variables.`,
		Example: `  eval "$(localaws env)" && aws s3 ls
  localaws env > aws.env`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			status, err := daemon.GetStatus(cmd.Context(), c.state)
			if err != nil {
				return err
			}
			if status.Health == nil {
				return fmt.Errorf("nothing runs in %s: run `localaws start`", c.state)
			}
			owner, err := credentials.Read(c.state)
			if err != nil {
				return err
			}
			variables := map[string]string{
				"AWS_ENDPOINT_URL":      status.URL,
				"AWS_REGION":            status.Health.Daemon.Region,
				"AWS_DEFAULT_REGION":    status.Health.Daemon.Region,
				"AWS_ACCESS_KEY_ID":     owner.AccessKeyID,
				"AWS_SECRET_ACCESS_KEY": owner.SecretAccessKey,
			}
			return c.print(variables, assignments(variables))
		},
	}
}

func assignments(variables map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		fmt.Fprintf(&b, "export %s='%s'\n", name, variables[name])
	}
	// Those of AWS itself would win over the ones above, or be used together with them.
	b.WriteString("unset AWS_SESSION_TOKEN AWS_PROFILE AWS_CA_BUNDLE\n")
	return b.String()
}
