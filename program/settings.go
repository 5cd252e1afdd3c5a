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

	"store-events/config"
)

// loadConfig reads and checks all settings, before any resource is registered.
func loadConfig(ctx *pulumi.Context) (config.Config, error) {
	cfg, err := config.Load(ctx.Stack(), pulumiconfig.New(ctx, config.Namespace))
	if err := errors.Join(config.CheckKeys(givenKeys(os.Getenv("PULUMI_CONFIG"))), err); err != nil {
		return config.Config{}, fmt.Errorf("configuration of stack %s:\n%w", ctx.Stack(), err)
	}
	return cfg, nil
}

// givenKeys returns the keys of all settings, from the environment variable that a
// language host sets. The Automation API does not set it for an inline program.
func givenKeys(environment string) []string {
	var values map[string]string
	if json.Unmarshal([]byte(environment), &values) != nil {
		return nil
	}
	return slices.Sorted(maps.Keys(values))
}
