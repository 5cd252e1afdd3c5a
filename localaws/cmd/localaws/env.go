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
		Args: noArguments,
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
			variables := credentials.Environment(status.URL, status.Health.Daemon.Region, owner)
			return c.print(variables, assignments(variables))
		},
	}
}

func assignments(variables map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		fmt.Fprintf(&b, "export %s='%s'\n", name, variables[name])
	}
	fmt.Fprintf(&b, "unset %s\n", strings.Join(credentials.ForeignVariables, " "))
	return b.String()
}
