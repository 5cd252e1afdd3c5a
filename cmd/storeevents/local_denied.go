package main

import (
	"strconv"

	"github.com/spf13/cobra"

	"localaws/daemon"
	"localaws/iam/audit"
	"store-events/cmd/storeevents/page"
)

// newLocalDenied returns the command that lists denied requests, with what would allow them.
func newLocalDenied(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "denied",
		Short: "List denied requests and connections, and what is missing to allow them",
		Long: `The local AWS denies what AWS would deny: requests that a role's policies, or the
policies of buckets, keys, topics, secrets and functions, do not allow, and
connections that the network of a function or job does not allow. This command lists
the denials since the state folder was created, each kind once, with the caller and
the missing statement, endpoint, route or security group rule.`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			denials, err := daemon.Denied(a.state)
			if err != nil {
				return err
			}
			if denials == nil {
				denials = []audit.Denial{}
			}
			return a.print(denials, func(w *page.Page) { writeDenials(w, denials) })
		},
	}
}

func writeDenials(w *page.Page, denials []audit.Denial) {
	if len(denials) == 0 {
		w.Println("nothing was denied")
		return
	}
	var rows [][]string
	for _, d := range denials {
		rows = append(rows, []string{d.Kind, d.Caller(), d.Action, d.Resource, strconv.Itoa(d.Count)})
	}
	w.Table([]string{"KIND", "WHO", "ACTION", "RESOURCE", "TIMES"}, rows)
	for _, d := range denials {
		w.Println()
		w.Println(d.Message)
		w.Println(" ", d.Cause())
	}
}
