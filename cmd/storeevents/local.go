package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"localaws/credentials"
	"localaws/daemon"
	"localaws/database"
	"store-events/deploy"
)

func newLocal(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "local",
		Short: "Start, stop and inspect the local AWS",
		Long: `The AWS on this machine serves a local stack at the address that its
aws:endpoints name. Other commands start it when they need it; any AWS client
may use it.`,
	}
	cmd.AddCommand(
		localServe(a, "start", "Start it in the background", func(cmd *cobra.Command, o daemon.Options) error {
			if err := daemon.Start(cmd.Context(), o); err != nil {
				return err
			}
			return a.localStatus(cmd)
		}),
		localServe(a, "serve", "Run it in the foreground until interrupted", func(cmd *cobra.Command, o daemon.Options) error {
			return daemon.Run(cmd.Context(), o)
		}),
		&cobra.Command{
			Use:   "stop",
			Short: "Stop the local AWS and keep its state",
			Args:  cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				if err := daemon.Stop(cmd.Context(), a.state); err != nil {
					return err
				}
				return a.localStatus(cmd)
			},
		},
		&cobra.Command{
			Use:   "env",
			Short: "Print shell variables that point any AWS client at it",
			Long: `Print assignments for a POSIX shell: the address, the region and the access key
of the AWS on this machine. The key is a secret of its owner.`,
			Example: `  eval "$(storeevents local env)" && aws s3 ls`,
			Args:    cobra.NoArgs,
			RunE:    func(cmd *cobra.Command, _ []string) error { return a.localEnv(cmd.Context()) },
		},
		&cobra.Command{
			Use:   "status",
			Short: "Show whether it runs, its address, and the state of its parts",
			Args:  cobra.NoArgs,
			RunE:  func(cmd *cobra.Command, _ []string) error { return a.localStatus(cmd) },
		},
		newLocalDenied(a),
	)
	return cmd
}

// localServe is a command that runs the services, and so needs their tools.
func localServe(a *app, use, short string, run func(*cobra.Command, daemon.Options) error) *cobra.Command {
	var region string
	cmd := &cobra.Command{
		Use:   use,
		Short: short,
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			endpoint, err := a.endpoint()
			if err != nil {
				return err
			}
			if endpoint == "" {
				return a.notLocal()
			}
			o, err := a.localOptions(cmd.Context(), endpoint)
			if err != nil {
				return err
			}
			if region != "" {
				o.Region = region
			}
			return run(cmd, o)
		},
	}
	cmd.Flags().StringVar(&region, "region", "", "AWS region to serve (default: the stack's)")
	return cmd
}

// localEnv starts the AWS on this machine if necessary: its key is made then.
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
		// Those of AWS itself would win over, or go with, the ones above.
		w.println("unset AWS_SESSION_TOKEN AWS_PROFILE AWS_CA_BUNDLE")
	})
}

func (a *app) notLocal() error {
	return errors.New("stack " + a.stack + " does not run on this machine: its aws:endpoints name no loopback address")
}

func (a *app) localStatus(cmd *cobra.Command) error {
	s, err := daemon.GetStatus(cmd.Context(), a.state)
	if err != nil {
		return err
	}
	return a.print(s, func(w *page) { writeLocalStatus(w, s) })
}

func writeLocalStatus(w *page, s daemon.Status) {
	switch {
	case !s.Running:
		w.println("not running")
	case s.Health == nil:
		w.printf("process %d at %s does not answer\n", s.PID, s.URL)
	default:
		w.printf("running at %s, process %d\n", s.URL, s.PID)
		for _, d := range s.Health.Databases {
			w.println(databaseLine(d))
		}
	}
}

// databaseLine says in one line what a database server is and how it is.
func databaseLine(d database.Status) string {
	product := strings.TrimSpace(d.Engine + " " + d.Version)
	if product == "" {
		product = "your own server"
	}
	state := "running"
	switch {
	case d.Error != "":
		state = d.Error
	case d.Stopped:
		state = "stopped"
	case !d.Running:
		state = "not running"
	}
	return fmt.Sprintf("database %s: %s at %s, %s", d.ID, product, net.JoinHostPort(d.Host, strconv.Itoa(d.Port)), state)
}
