// Package program deploys the system: configuration, components, outputs.
package program

import (
	"fmt"
	"os"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumiconfig "github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"

	"store-events/components"
	"store-events/config"
)

// Deploy is the program of every stack. It finds the project's files from the
// folder that the engine names, or from the working directory.
func Deploy(ctx *pulumi.Context) error {
	dir, err := findProject(ctx.RootDirectory(), ".")
	if err != nil {
		return err
	}
	return In(dir)(ctx)
}

// In is Deploy for the project in a given folder.
func In(projectDir string) pulumi.RunFunc {
	return func(ctx *pulumi.Context) error {
		cfg, err := load(ctx)
		if err != nil {
			return err
		}
		files, err := buildFiles(ctx.Context(), projectDir)
		if err != nil {
			return err
		}
		site, err := components.LookupSite(ctx)
		if err != nil {
			return err
		}
		return deploy(ctx, cfg, site, files)
	}
}

// load reads and checks everything before the first resource is registered.
func load(ctx *pulumi.Context) (config.Config, error) {
	if err := config.CheckStack(ctx.Stack()); err != nil {
		return config.Config{}, err
	}
	if err := config.CheckKeys(givenKeys(os.Getenv("PULUMI_CONFIG"))); err != nil {
		return config.Config{}, err
	}
	cfg, err := config.Load(pulumiconfig.New(ctx, config.Namespace))
	if err != nil {
		return config.Config{}, fmt.Errorf("configuration of stack %s:\n%w", ctx.Stack(), err)
	}
	return cfg, nil
}
