package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"os/exec"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"

	"localaws/credentials"
	"localaws/daemon"
	"store-events/config"
	"store-events/deploy"
	"store-events/ops"
	"store-events/program"
	"store-events/tools/setup/dbserver"
	"store-events/tools/setup/toolchain"
)

// endpoint is the address of the AWS on this machine that the stack runs on,
// or "" for a stack on AWS.
func (a *app) endpoint() (string, error) {
	s, err := deploy.ReadSettings(a.project, a.stack)
	if err != nil {
		return "", err
	}
	if s.Endpoint() != "" && a.port != 0 {
		return fmt.Sprintf("http://127.0.0.1:%d", a.port), nil
	}
	return s.Endpoint(), nil
}

// tools finds the named parts of what `make setup` provides, or all of it.
func (a *app) tools(ctx context.Context, steps ...string) (toolchain.Paths, error) {
	return toolchain.Resolve(ctx, toolchain.Options{ProjectDir: a.project}, steps...)
}

// started returns the stack's endpoint and makes sure that it answers, if it is
// on this machine.
func (a *app) started(ctx context.Context) (string, error) {
	endpoint, err := a.endpoint()
	if err != nil || endpoint == "" {
		return "", err
	}
	return endpoint, a.startLocal(ctx, endpoint)
}

// startLocal makes sure that the AWS on this machine runs at the endpoint.
func (a *app) startLocal(ctx context.Context, endpoint string) error {
	o, err := a.localOptions(ctx, endpoint)
	if err != nil {
		return err
	}
	return daemon.Start(ctx, o)
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
		ProjectDir: a.project, StateDir: a.state, Port: port, Region: settings.Region(), Log: a.log(),
		ExternalMySQL: mysql.Account,
		Tools: daemon.Tools{
			Ministack: tools.Ministack, GluePython: tools.GluePython, JarsDir: tools.JarsDir,
			Database: tools.Database, AwsglueDir: tools.AwsglueDir, JavaHome: tools.JavaHome,
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
		return 0, fmt.Errorf("aws:endpoints: %s names no port", endpoint)
	}
	return port, nil
}

// open readies the stack for the engine.
func (a *app) open(ctx context.Context, change func(*deploy.Options) error) (*deploy.Deployment, error) {
	o, err := a.stackOptions()
	if err != nil {
		return nil, err
	}
	if change == nil && o.Endpoint != "" {
		o.Credentials, err = a.deployer(ctx, o.Endpoint)
	} else if change != nil {
		err = change(&o)
	}
	if err != nil {
		return nil, err
	}
	if err := a.appliesConfig(o); err != nil {
		return nil, err
	}
	if err := a.equip(ctx, &o); err != nil {
		return nil, err
	}
	return deploy.Open(ctx, o)
}

// deployed finds the stack as its last update left it.
func (a *app) deployed(ctx context.Context) (*deploy.Deployed, error) {
	o, err := a.stackOptions()
	if err != nil {
		return nil, err
	}
	if err := a.appliesConfig(o); err != nil {
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
		Endpoint:   endpoint,
		AssumeRole: a.as,
		Refresh:    a.refresh,
		Config:     localSettings(a.state, a.config),
		ProjectDir: a.project, StateDir: a.state, Stack: a.stack,
		Program:  program.In(a.project),
		Environ:  os.Environ(),
		Progress: a.step,
	}, err
}

// appliesConfig refuses settings of --config for a stack whose settings are those
// of its file: they would be ignored.
func (a *app) appliesConfig(o deploy.Options) error {
	if o.Endpoint != "" || len(a.config) == 0 {
		return nil
	}
	return fmt.Errorf("--config and STORE_EVENTS_CONFIG apply only to local stacks, and stack %s is on AWS: use `pulumi config set --stack %[1]s`, or preview with --offline", a.stack)
}

// notDeployed adds to an error what to do if the stack is not deployed.
func (a *app) notDeployed(err error) error {
	if errors.Is(err, deploy.ErrNotDeployed) {
		return fmt.Errorf("%w: run `storeevents up --stack %s` first", err, a.stack)
	}
	return err
}

// localSettings are the settings of a stack on this machine that follow from
// where its AWS keeps its state, and over them those that the user gives.
func localSettings(stateDir string, given map[string]string) map[string]string {
	settings := map[string]string{deploy.ProjectName + ":databaseCaFile": daemon.DatabaseCA(stateDir)}
	maps.Copy(settings, given)
	return settings
}

// checkConfig reads the stack's configuration as the program will. The engine
// would report a value of a wrong type alone, and without what is allowed.
func (a *app) checkConfig() (config.Config, error) {
	settings, err := deploy.ReadSettings(a.project, a.stack)
	if err != nil {
		return config.Config{}, err
	}
	all := maps.Clone(settings.Config)
	for key, value := range a.config {
		all[key] = value
	}
	values := config.Map{}
	for full, value := range all {
		if key, ours := strings.CutPrefix(full, config.Namespace+":"); ours {
			if values[key], err = settingText(value); err != nil {
				return config.Config{}, fmt.Errorf("%s: %w", full, err)
			}
		}
	}
	cfg, err := config.Load(a.stack, values)
	if err := errors.Join(config.CheckKeys(slices.Collect(maps.Keys(all))), err); err != nil {
		return config.Config{}, fmt.Errorf("configuration of stack %s:\n%w", a.stack, err)
	}
	return cfg, nil
}

// settingText is a value of a stack's settings as the engine hands it to the program.
func settingText(value any) (string, error) {
	switch v := value.(type) {
	case string:
		return v, nil
	case []any, map[string]any:
		text, err := json.Marshal(v)
		return string(text), err
	default:
		return fmt.Sprint(v), nil
	}
}

// equip sets the tools of the engine. On AWS itself, a pulumi of the user gets its providers the usual way.
func (a *app) equip(ctx context.Context, o *deploy.Options) error {
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

// step reports a resource that the engine changed.
func (a *app) step(s deploy.Step) {
	if s.Changes() && !a.quiet {
		a.progress("  %-8s %s %s (%.1f s)", s.Op, s.Type, s.Name, s.Seconds)
	}
}

// operate opens the deployed stack for its operations.
func (a *app) operate(ctx context.Context) (*ops.Ops, error) {
	outputs, err := a.outputs(ctx)
	if err != nil {
		return nil, err
	}
	endpoint, err := a.started(ctx)
	if err != nil {
		return nil, err
	}
	return a.operateOn(ctx, outputs, endpoint)
}

func (a *app) outputs(ctx context.Context) (map[string]any, error) {
	d, err := a.deployed(ctx)
	if err != nil {
		return nil, err
	}
	outputs, err := d.Outputs(ctx)
	return outputs, a.notDeployed(err)
}

func (a *app) operateOn(ctx context.Context, outputs map[string]any, endpoint string) (*ops.Ops, error) {
	stack, err := ops.FromOutputs(a.stack, outputs, endpoint)
	if err != nil {
		return nil, err
	}
	var owner aws.Credentials
	if endpoint != "" {
		if owner, err = credentials.Read(a.state); err != nil {
			return nil, err
		}
	}
	return ops.New(ctx, stack, ops.Options{Credentials: owner, Log: a.log(), Progress: func(s string) { a.progress("  %s", s) }})
}
