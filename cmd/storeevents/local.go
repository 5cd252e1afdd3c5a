package main

import (
	"cmp"
	"errors"

	"github.com/spf13/cobra"

	"localaws/daemon"
)

func newLocal(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "local",
		Short: "Start, stop and inspect the local AWS",
		Long: `The local AWS serves a local stack at the address of its aws:endpoints. Other
commands start it when they need it, and any AWS client can use it.`,
	}
	cmd.AddCommand(
		localServe(a, "start", "Start the local AWS in the background", func(cmd *cobra.Command, o daemon.Options) error {
			if err := a.advisePort(daemon.Start(cmd.Context(), o)); err != nil {
				return err
			}
			return a.localStatus(cmd)
		}),
		newLocalServe(a),
		&cobra.Command{
			Use:   "stop",
			Short: "Stop the local AWS and keep its state",
			Args:  noArguments,
			RunE: func(cmd *cobra.Command, _ []string) error {
				if err := daemon.Stop(cmd.Context(), a.state); err != nil {
					return err
				}
				return a.localStatus(cmd)
			},
		},
		newLocalEnv(a), newLocalStatus(a), newLocalDenied(a),
	)
	return cmd
}

// newLocalServe returns the command that `local start` runs in the background, with --region.
func newLocalServe(a *app) *cobra.Command {
	var region string
	cmd := localServe(a, "serve", "Run the local AWS in the foreground until interrupted", func(cmd *cobra.Command, o daemon.Options) error {
		o.Region = cmp.Or(region, o.Region)
		return daemon.Run(cmd.Context(), o)
	})
	cmd.Flags().StringVar(&region, "region", "", "AWS region to serve (default: the stack's)")
	if err := cmd.Flags().MarkHidden("region"); err != nil {
		panic(err) // Unreachable: the flag is defined above.
	}
	return cmd
}

// localServe returns a command that runs the local AWS, and therefore needs its tools.
func localServe(a *app, use, short string, run func(*cobra.Command, daemon.Options) error) *cobra.Command {
	return &cobra.Command{
		Use:   use,
		Short: short,
		Args:  noArguments,
		RunE: func(cmd *cobra.Command, _ []string) error {
			endpoint, err := a.endpoint()
			if err != nil {
				return err
			}
			if endpoint == "" {
				return a.notLocal()
			}
			if err := a.claimState(); err != nil {
				return err
			}
			o, err := a.localOptions(cmd.Context(), endpoint)
			if err != nil {
				return err
			}
			return run(cmd, o)
		},
	}
}

func (a *app) notLocal() error {
	return errors.New("stack " + a.stack + " does not run on this machine: its aws:endpoints are not a loopback address")
}
