package pack

import (
	"fmt"
	"os"
	"strings"

	"store-events/policy/rule"
)

// namespace is that of the pack's settings in the configuration of a stack.
const namespace = "policy"

// EnvironmentVariable names the environment where the stack's configuration does not.
const EnvironmentVariable = "STORE_EVENTS_POLICY_ENVIRONMENT"

// environment is the stack's configuration policy:environment, else the environment variable, else the name of
// the stack if it is, or ends in, the name of an environment; anything else is judged as production. A stack whose
// name says prod cannot be made less by a setting: who reads its name must be able to rely on it.
func environment(stack Stack) (rule.Environment, error) {
	named, clear := fromStackName(stack.Name)
	for _, setting := range []struct{ source, name string }{
		{namespace + ":environment", stack.Config[namespace+":environment"]},
		{EnvironmentVariable, os.Getenv(EnvironmentVariable)},
	} {
		if setting.name == "" {
			continue
		}
		env, err := rule.ParseEnvironment(setting.name)
		if err == nil && clear && named == rule.Prod && env != rule.Prod {
			err = fmt.Errorf("%s is %s, but the stack is called %s: remove the setting or rename the stack", setting.source, env, stack.Name)
		}
		return env, err
	}
	return named, nil
}

// fromStackName returns the environment that a stack's name stands for, and whether the name says it.
func fromStackName(stack string) (env rule.Environment, clear bool) {
	for _, env := range []rule.Environment{rule.Prod, rule.Dev, rule.Local} {
		if stack == string(env) || strings.HasSuffix(stack, "-"+string(env)) {
			return env, true
		}
	}
	return rule.Prod, false
}
