// Package program deploys the system: configuration, components, outputs.
package program

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumiconfig "github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"

	"store-events/components"
	"store-events/config"
	"store-events/program/project"
)

// Deploy is the program of every stack. It finds the project's files from the
// folder that the engine names, or from the working directory.
func Deploy(ctx *pulumi.Context) error {
	dir, err := project.Find(ctx.RootDirectory(), ".")
	if err != nil {
		return err
	}
	return In(dir)(ctx)
}

// In is Deploy for the project in a given folder.
func In(projectDir string) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		outputs, err := Stack(ctx, projectDir)
		if err != nil {
			return err
		}
		for name, value := range outputs {
			ctx.Export(name, value)
		}
		return nil
	}
}

// Stack registers all resources of the project in a given folder and returns the
// stack's outputs.
func Stack(ctx *pulumi.Context, projectDir string) (pulumi.Map, error) {
	cfg, err := load(ctx)
	if err != nil {
		return nil, err
	}
	if err := boundRoles(ctx, cfg.Common.BoundaryArn); err != nil {
		return nil, err
	}
	files, err := project.Build(ctx.Context(), projectDir, cfg.Database.CAFile)
	if err != nil {
		return nil, err
	}
	site, err := components.LookupSite(ctx, cfg.Network)
	if err != nil {
		return nil, err
	}
	name := ctx.Project() + "-" + ctx.Stack()
	l, err := newData(ctx, name, cfg, site, files)
	if err != nil {
		return nil, err
	}
	if err := l.addPipeline(ctx, name, cfg, site, files); err != nil {
		return nil, err
	}
	return l.outputs(cfg, site), nil
}

// load reads and checks everything before the first resource is registered.
func load(ctx *pulumi.Context) (config.Config, error) {
	cfg, err := config.Load(ctx.Stack(), pulumiconfig.New(ctx, config.Namespace))
	if err := errors.Join(config.CheckKeys(givenKeys(os.Getenv("PULUMI_CONFIG"))), err); err != nil {
		return config.Config{}, fmt.Errorf("configuration of stack %s:\n%w", ctx.Stack(), err)
	}
	return cfg, nil
}

// givenKeys are the keys of the configuration that a language host hands to the
// program; without one there are none.
func givenKeys(environment string) []string {
	var values map[string]string
	if json.Unmarshal([]byte(environment), &values) != nil {
		return nil
	}
	return slices.Sorted(maps.Keys(values))
}
