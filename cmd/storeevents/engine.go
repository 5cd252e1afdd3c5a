package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"store-events/deploy"
	"store-events/program"
	"store-events/tools/setup/toolchain"
)

// open prepares the engine for the stack.
func (a *app) open(ctx context.Context) (*deploy.Deployment, error) {
	o, err := a.stackOptions()
	if err != nil {
		return nil, err
	}
	if o.Endpoint != "" {
		if o.Credentials, err = a.deployer(ctx, o.Endpoint); err != nil {
			return nil, err
		}
	}
	return a.openWith(ctx, o)
}

func (a *app) openWith(ctx context.Context, o deploy.Options) (*deploy.Deployment, error) {
	if err := errors.Join(a.configApplies(o.Endpoint), a.reachesAWS(o.Endpoint)); err != nil {
		return nil, err
	}
	if err := a.addTools(ctx, &o); err != nil {
		return nil, err
	}
	return deploy.Open(ctx, o)
}

// deployed returns the stack as of its last update.
func (a *app) deployed(ctx context.Context) (*deploy.Deployed, error) {
	o, err := a.stackOptions()
	if err != nil {
		return nil, err
	}
	if err := errors.Join(a.configApplies(o.Endpoint), a.reachesAWS(o.Endpoint)); err != nil {
		return nil, err
	}
	tools, err := a.tools(ctx, toolchain.StepPulumi)
	if err != nil {
		return nil, err
	}
	o.Pulumi = tools.Pulumi
	return deploy.Find(o)
}

func (a *app) stackOptions() (deploy.Options, error) {
	if _, err := a.checkConfig(); err != nil {
		return deploy.Options{}, err
	}
	if err := a.checkRole(); err != nil {
		return deploy.Options{}, err
	}
	endpoint, err := a.endpoint()
	return deploy.Options{
		Endpoint:   cmp.Or(endpoint, a.emulated),
		AssumeRole: a.as,
		Refresh:    a.refresh,
		Config:     localSettings(a.state, a.overridden()),
		ProjectDir: a.project, StateDir: a.state, Stack: a.stack,
		Program:  program.Func(a.project),
		Environ:  os.Environ(),
		Progress: a.step,
		Stopping: func() {
			a.progress("  interrupted: waiting for the current operations, which can take an hour for a database. A second Ctrl-C does not wait: the state may then lack resources that AWS still creates")
		},
	}, err
}

// addTools adds the CLI, the policy pack and, if necessary, the built providers. For a
// stack on AWS, a pulumi on PATH downloads its providers as usual.
func (a *app) addTools(ctx context.Context, o *deploy.Options) error {
	steps := []string{toolchain.StepPulumi, toolchain.StepProject}
	_, noPulumi := exec.LookPath("pulumi")
	built := o.Endpoint != "" || noPulumi != nil
	if built {
		steps = append(steps, toolchain.StepProviders)
	}
	tools, err := a.tools(ctx, steps...)
	if err != nil {
		return err
	}
	o.Pulumi, o.PolicyPacks = tools.Pulumi, []string{tools.PolicyPack}
	if built {
		o.PluginDir = tools.PluginDir
	}
	return nil
}

// step reports a resource that the engine has changed.
func (a *app) step(s deploy.Step) {
	if s.Changes() && !a.quiet {
		a.progress("  %-8s %s %s (%.1f s)", s.Op, s.Type, s.Name, s.Seconds)
	}
}

// adviseUp adds advice to the error of a stack that is not deployed.
func (a *app) adviseUp(err error) error {
	if errors.Is(err, deploy.ErrNotDeployed) {
		return fmt.Errorf("%w: run `storeevents up --stack %s` first", err, a.suggestedStack())
	}
	return err
}
