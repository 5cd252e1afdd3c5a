package pack

import (
	"os"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/config"

	"store-events/policy/rule"
)

// namespace is that of the pack's settings in the configuration of a stack.
const namespace = "policy"

// EnvironmentVariable names the environment where the stack's configuration does not.
const EnvironmentVariable = "STORE_EVENTS_POLICY_ENVIRONMENT"

// environment is the stack's configuration policy:environment, else the environment variable, else the name of
// the stack if it is, or ends in, the name of an environment; anything else is judged as production.
func environment(ctx *pulumi.Context) (rule.Environment, error) {
	if name := config.Get(ctx, namespace+":environment"); name != "" {
		return rule.ParseEnvironment(name)
	}
	if name := os.Getenv(EnvironmentVariable); name != "" {
		return rule.ParseEnvironment(name)
	}
	return fromStackName(ctx.Stack()), nil
}

func fromStackName(stack string) rule.Environment {
	for _, env := range []rule.Environment{rule.Prod, rule.Dev, rule.Local} {
		if stack == string(env) || strings.HasSuffix(stack, "-"+string(env)) {
			return env
		}
	}
	return rule.Prod
}
