package main

import (
	"context"
	"fmt"

	"store-events/config"
	"store-events/tools/setup/toolchain"
)

// glueSteps are the steps of the setup that jobs of a Glue version need on this machine.
var glueSteps = map[string]string{"5.1": toolchain.StepGlue, "6.0": toolchain.StepGlue6}

// checkGlueVersion refuses a local stack whose job could not run, before anything is
// deployed: the Spark of some versions is set up only if it is asked for.
func (a *app) checkGlueVersion(ctx context.Context, cfg config.Config) error {
	endpoint, err := a.endpoint()
	if err != nil || endpoint == "" {
		return err
	}
	if _, err := a.tools(ctx, glueSteps[cfg.Etl.GlueVersion]); err != nil {
		return fmt.Errorf("%s:glueVersion %s on this machine: %w", config.Namespace, cfg.Etl.GlueVersion, err)
	}
	return nil
}
