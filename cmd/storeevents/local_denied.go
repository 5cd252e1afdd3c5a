package main

import (
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"localaws/daemon"
	"localaws/iam/audit"
)

// newLocalDenied lists what the local AWS denied, with what would allow it.
func newLocalDenied(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "denied",
		Short: "List requests that were denied or found no route, and what is missing",
		Long: `The AWS on this machine denies what AWS would deny: to each role what its
policies, the policies of buckets, keys, topics, secrets and functions do not
allow it, and to functions and jobs in a VPC what their network does not lead to.
This lists what was denied since the state folder was made, each kind once: by
whom, and the statement, endpoint, route or security group rule that is missing.`,
		Args: cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			denials, err := daemon.Denied(a.state)
			if err != nil {
				return err
			}
			if denials == nil {
				denials = []audit.Denial{}
			}
			return a.print(denials, func(w *page) { writeDenials(w, denials) })
		},
	}
}

func writeDenials(w *page, denials []audit.Denial) {
	if len(denials) == 0 {
		w.println("nothing was denied")
		return
	}
	var rows [][]string
	for _, d := range denials {
		rows = append(rows, []string{d.Kind, who(d), d.Action, d.Resource, strconv.Itoa(d.Count)})
	}
	writeTable(w, []string{"KIND", "WHO", "ACTION", "RESOURCE", "TIMES"}, rows)
	for _, d := range denials {
		w.println()
		w.println(d.Message)
		switch {
		case d.Kind == audit.Network:
			w.printf("  missing %s: %s\n", d.Lacks, d.Needs)
		case d.DeniedBy != "":
			w.printf("  the %s denies it: %s\n", d.Lacks, d.DeniedBy)
		default:
			w.printf("  missing in the %s: %s\n", d.Lacks, d.Missing)
		}
	}
}

// who is the function or the job, else the role's name, else the principal.
func who(d audit.Denial) string {
	if d.Workload != "" {
		return d.Workload
	}
	name := d.Role
	if name == "" {
		name = d.Principal
	}
	return name[strings.LastIndex(name, "/")+1:]
}
