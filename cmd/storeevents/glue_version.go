package main

import (
	"context"
	"fmt"

	"store-events/config"
	"store-events/tools/setup/toolchain"
)

// glueSteps are the steps of the setup that local jobs of a Glue version need.
var glueSteps = map[string]string{"5.1": toolchain.StepGlue, "6.0": toolchain.StepGlue6}

// checkGlueVersion refuses, before anything is deployed, a local stack whose job cannot
// run: the setup installs the Spark of some versions only on request.
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
