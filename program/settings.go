package program

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	pulumiconfig "github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"

	"store-events/config"
	"store-events/internal/localendpoint"
)

// checkEndpoints refuses to deploy to AWS with variables that send the provider's requests to a local AWS, as after
// `storeevents local env`: the engine would save its answers as the state of the resources on AWS.
func checkEndpoints(ctx *pulumi.Context, environ []string) error {
	found := localendpoint.Variables(environ)
	if _, given := ctx.GetConfig("aws:endpoints"); given || len(found) == 0 {
		return nil
	}
	return fmt.Errorf("%s: sends requests to this machine, and stack %s is on AWS: use another shell, or unset the variable", strings.Join(found, ", "), ctx.Stack())
}

// loadConfig reads and checks all settings, before any resource is registered.
func loadConfig(ctx *pulumi.Context) (config.Config, error) {
	if err := checkEndpoints(ctx, os.Environ()); err != nil {
		return config.Config{}, err
	}
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
