package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/aws"

	"localaws/awsclient"
	"localaws/credentials"
	"localaws/daemon"
	"localaws/loopback"
	"store-events/config"
	"store-events/deploy"
	"store-events/deploy/standin"
	"store-events/program/artifacts"
)

// offline runs f on the stack against a temporary local AWS.
func (a *app) offline(ctx context.Context, f func(*deploy.Deployment) (deploy.Result, error)) (r deploy.Result, err error) {
	if err := a.checkAuthorities(); err != nil {
		return r, err
	}
	scratch, err := os.MkdirTemp("", "store-events-")
	if err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(scratch)) }()
	ports, err := loopback.FreePorts(ctx, 2)
	if err != nil {
		return r, err
	}
	endpoint := fmt.Sprintf("http://127.0.0.1:%d", ports[0])
	o, err := a.localOptions(ctx, endpoint)
	if err != nil {
		return r, err
	}
	o.StateDir, o.EndsWithCaller = scratch, true // A killed command leaves the folder to the daemon.
	if err := daemon.Start(ctx, o); err != nil {
		return r, err
	}
	defer func() { err = errors.Join(err, daemon.Stop(context.WithoutCancel(ctx), o.StateDir)) }()
	options, err := a.stackOptions()
	if err != nil {
		return r, err
	}
	options.StateDir, options.Endpoint = scratch, endpoint
	// The stack's database port may be in use on this machine.
	settings := map[string]string{config.Namespace + ":databasePort": strconv.Itoa(ports[1])}
	maps.Copy(settings, a.overridden())
	if options.Credentials, err = credentials.Read(o.StateDir); err != nil {
		return r, err
	}
	existing, notes, err := a.standIns(ctx, endpoint, options.Credentials)
	if err != nil {
		return r, err
	}
	maps.Copy(settings, existing)
	options.Config = localSettings(o.StateDir, settings)
	d, err := a.openWith(ctx, options)
	if err != nil {
		return r, err
	}
	r, err = f(d)
	r.Notes = append(r.Notes, notes...)
	return r, err
}

// checkAuthorities refuses a region in which no client could verify the certificate of the stack's database. The program
// does not see it offline, because the temporary database has its own authority.
func (a *app) checkAuthorities() error {
	cfg, err := a.checkConfig()
	if err != nil || cfg.Database.Existing() || cfg.Database.CAFile != "" {
		return err
	}
	settings, err := deploy.ReadSettings(a.project, a.stack)
	if err != nil || settings.Region() == "" { // The provider's environment has the region.
		return err
	}
	return artifacts.CheckRegion(a.project, settings.Region())
}

// standIns creates replacements of the existing resources that the stack uses. It returns
// the settings that refer to them, and the names of the settings that they replace.
func (a *app) standIns(ctx context.Context, endpoint string, owner aws.Credentials) (map[string]string, []string, error) {
	cfg, err := a.checkConfig()
	if err != nil {
		return nil, nil, err
	}
	settings, err := deploy.ReadSettings(a.project, a.stack)
	if err != nil {
		return nil, nil, err
	}
	return standin.Make(ctx, awsclient.Signed(settings.Region(), endpoint, owner), cfg, a.stack)
}
