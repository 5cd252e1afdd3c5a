package main

import (
	"fmt"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"localaws/daemon"
	"localaws/iam/audit"
)

func newDenied(c *cli) *cobra.Command {
	return &cobra.Command{
		Use: "denied", Short: "List requests that were denied or found no route, and what is missing",
		Long: `List denied requests since the state folder was created, each kind once: the caller,
and the missing statement, endpoint, route or security group rule.`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			denials, err := daemon.Denied(c.state)
			if err != nil {
				return err
			}
			if denials == nil {
				denials = []audit.Denial{}
			}
			return c.print(denials, describeDenials(denials))
		},
	}
}

func describeDenials(denials []audit.Denial) string {
	if len(denials) == 0 {
		return "nothing was denied\n"
	}
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "KIND\tWHO\tACTION\tRESOURCE\tTIMES") // A strings.Builder never fails.
	for _, d := range denials {
		_, _ = fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%d\n", d.Kind, printable(d.Caller()), d.Action, printable(d.Resource), d.Count)
	}
	_ = table.Flush()
	for _, d := range denials {
		fmt.Fprintf(&b, "\n%s\n  %s\n", printable(d.Message), printable(d.Cause()))
	}
	return b.String()
}
