package main

import (
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"localaws/daemon"
)

func newStart(c *cli) *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use: "start", Short: "Start it in the background, and wait until it is ready", Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := c.options(f)
			if err != nil {
				return err
			}
			if err := daemon.Start(cmd.Context(), o); err != nil {
				return err
			}
			status, err := daemon.GetStatus(cmd.Context(), c.state)
			if err != nil {
				return err
			}
			return c.print(status, describe(status)+"point any AWS client at it: eval \"$(localaws env)\"\n")
		},
	}
	f.add(cmd)
	return cmd
}

func newServe(c *cli) *cobra.Command {
	var f serveFlags
	cmd := &cobra.Command{
		Use: "serve", Short: "Run it in the foreground until interrupted", Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			o, err := c.options(f)
			if err != nil {
				return err
			}
			return daemon.Run(cmd.Context(), o)
		},
	}
	f.add(cmd)
	return cmd
}

func newStatus(c *cli) *cobra.Command {
	return &cobra.Command{
		Use: "status", Short: "Show whether it runs, its address, and its database servers", Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			status, err := daemon.GetStatus(cmd.Context(), c.state)
			if err != nil {
				return err
			}
			return c.print(status, describe(status))
		},
	}
}

func newStop(c *cli) *cobra.Command {
	return &cobra.Command{
		Use: "stop", Short: "Stop it with all its processes, and keep the state", Args: noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := daemon.Stop(cmd.Context(), c.state); err != nil {
				return err
			}
			return c.print(daemon.Status{}, describe(daemon.Status{}))
		},
	}
}

func describe(s daemon.Status) string {
	switch {
	case !s.Running:
		return "not running\n"
	case s.Health == nil:
		return fmt.Sprintf("process %d at %s does not respond\n", s.PID, s.URL)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "running at %s, process %d\n", s.URL, s.PID)
	for _, d := range s.Health.Databases {
		fmt.Fprintf(&b, "database %s: %s %s at %s:%d\n", d.ID, d.Engine, d.Version, d.Host, d.Port)
	}
	return b.String()
}
