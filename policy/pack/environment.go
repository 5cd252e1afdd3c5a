package pack

import (
	"os"
	"strings"

	"store-events/policy/rule"
)

// namespace is that of the pack's settings in the configuration of a stack.
const namespace = "policy"

// EnvironmentVariable names the environment where the stack's configuration does not.
const EnvironmentVariable = "STORE_EVENTS_POLICY_ENVIRONMENT"

// environment is the stack's configuration policy:environment, else the environment variable, else the name of
// the stack if it is, or ends in, the name of an environment; anything else is judged as production.
func environment(stack Stack) (rule.Environment, error) {
	if name := stack.Config[namespace+":environment"]; name != "" {
		return rule.ParseEnvironment(name)
	}
	if name := os.Getenv(EnvironmentVariable); name != "" {
		return rule.ParseEnvironment(name)
	}
	return fromStackName(stack.Name), nil
}

func fromStackName(stack string) rule.Environment {
	for _, env := range []rule.Environment{rule.Prod, rule.Dev, rule.Local} {
		if stack == string(env) || strings.HasSuffix(stack, "-"+string(env)) {
			return env
		}
	}
	return rule.Prod
}
