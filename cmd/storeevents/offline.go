package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"strconv"

	"github.com/spf13/cobra"

	"localaws/credentials"
	"localaws/daemon"
	"store-events/deploy"
)

func newRehearse(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "rehearse",
		Short: "Deploy a stack of AWS to an empty AWS on this machine, and check that a second update changes nothing",
		Long: `Deploy the stack, with its own settings, to an AWS on this machine that exists
only for that time; then preview a second update, which must change nothing. No
account, credential or network is needed.`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			var first deploy.Result
			second, err := a.offline(ctx, func(d *deploy.Deployment) (r deploy.Result, err error) {
				if first, err = d.Up(ctx); err != nil {
					return first, err
				}
				return d.Preview(ctx)
			})
			if err != nil {
				return err
			}
			result := map[string]deploy.Result{"first": first, "second": second}
			if err := a.print(result, func(w *page) { writeResult(w, first); writeResult(w, second) }); err != nil {
				return err
			}
			if second.Changed() {
				return &reportedError{errors.New("a second update would change resources that nobody changed")}
			}
			return nil
		},
	}
}

// offline runs f on the stack against an AWS that exists only for that time.
func (a *app) offline(ctx context.Context, f func(*deploy.Deployment) (deploy.Result, error)) (r deploy.Result, err error) {
	scratch, err := os.MkdirTemp("", "store-events-")
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	ports, err := freePorts(ctx, 2)
	if err != nil {
		return r, err
	}
	endpoint := fmt.Sprintf("http://127.0.0.1:%d", ports[0])
	o, err := a.localOptions(ctx, endpoint)
	if err != nil {
		return r, err
	}
	o.StateDir = filepath.Join(scratch, "aws")
	if err := daemon.Start(ctx, o); err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, daemon.Stop(context.WithoutCancel(ctx), o.StateDir)) }()
	d, err := a.open(ctx, func(d *deploy.Options) error {
		d.StateDir, d.Endpoint = scratch, endpoint
		// The stack's own port of the database may be in use here.
		settings := map[string]string{deploy.ProjectName + ":databasePort": strconv.Itoa(ports[1])}
		maps.Copy(settings, a.config)
		d.Config = localSettings(o.StateDir, settings)
		d.Credentials, err = credentials.Read(o.StateDir)
		return err
	})
	if err != nil {
		return r, err
	}
	return f(d)
}
