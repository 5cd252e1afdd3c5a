package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"

	"localaws/daemon"
	localtools "localaws/tools"
	"store-events/deploy"
	"store-events/tools/setup/dbserver"
	"store-events/tools/setup/toolchain"
)

// tools returns the paths of tools of `make setup`, all of them if no steps are given.
func (a *app) tools(ctx context.Context, steps ...string) (toolchain.Paths, error) {
	if a.resolver == nil {
		var err error
		if a.resolver, err = toolchain.NewResolver(toolchain.Options{ProjectDir: a.project}); err != nil {
			return toolchain.Paths{}, err
		}
	}
	return a.resolver.Resolve(ctx, steps...)
}

// started returns the stack's endpoint. For a local stack, it starts the local AWS if necessary.
func (a *app) started(ctx context.Context) (string, error) {
	endpoint, err := a.endpoint()
	if err != nil || endpoint == "" {
		return "", err
	}
	return endpoint, a.startLocal(ctx, endpoint)
}

// startLocal starts the local AWS at the endpoint unless it is running.
func (a *app) startLocal(ctx context.Context, endpoint string) error {
	if err := a.claimState(); err != nil {
		return err
	}
	o, err := a.localOptions(ctx, endpoint)
	if err != nil {
		return err
	}
	return a.advisePort(daemon.Start(ctx, o))
}

// advisePort adds advice to the error of a port in use.
func (a *app) advisePort(err error) error {
	var taken *daemon.PortTakenError
	if !errors.As(err, &taken) {
		return err
	}
	return fmt.Errorf("port %d of 127.0.0.1 is in use: choose a free one with --port or STORE_EVENTS_PORT, and use it for each command with this state folder; "+
		"`storeevents local status --stack %s` shows whether an AWS of this project uses it", taken.Port, a.stack)
}

func (a *app) localOptions(ctx context.Context, endpoint string) (daemon.Options, error) {
	tools, err := a.tools(ctx)
	if err != nil {
		return daemon.Options{}, err
	}
	port, err := portOf(endpoint)
	if err != nil {
		return daemon.Options{}, err
	}
	settings, err := deploy.ReadSettings(a.project, a.stack)
	if err != nil {
		return daemon.Options{}, err
	}
	mysql, err := dbserver.FromEnvironment()
	if err != nil {
		return daemon.Options{}, err
	}
	return daemon.Options{
		StateDir: a.state, Port: port, Region: settings.Region(), Log: a.log(),
		Serve:         []string{"local", "serve", "--project", a.project},
		ExternalMySQL: mysql.Account,
		Tools: localtools.Paths{
			Ministack: tools.Ministack, GluePython: tools.GluePython, JarsDir: tools.JarsDir,
			Glue6Python: tools.Glue6Python, Glue6JarsDir: tools.Glue6JarsDir,
			Database: tools.Database, JavaHome: tools.JavaHome,
		},
		Advice: daemon.Advice{
			Credentials: "run `storeevents local env --stack " + a.stack + "`",
			OtherPort:   "choose another with --port or STORE_EVENTS_PORT",
			StopOther:   "run `make down` there",
			Glue6:       toolchain.InstallCommand(toolchain.StepGlue6),
			Reset:       "`storeevents down --force --stack " + a.suggestedStack() + "` removes the local stack, `storeevents up --stack " + a.suggestedStack() + "` creates it again",
		},
	}, nil
}

func portOf(endpoint string) (int, error) {
	u, err := url.Parse(endpoint)
	if err != nil {
		return 0, fmt.Errorf("aws:endpoints: %w", err)
	}
	port, err := strconv.Atoi(u.Port())
	if err != nil {
		return 0, fmt.Errorf("aws:endpoints: %s has no port", endpoint)
	}
	return port, nil
}
