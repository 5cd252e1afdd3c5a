package pack

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"unicode"

	"store-events/policy/rule"
)

// namespace prefixes the pack's settings in a stack's configuration.
const namespace = "policy"

// EnvironmentVariable sets the environment if the stack's configuration does not.
const EnvironmentVariable = "STORE_EVENTS_POLICY_ENVIRONMENT"

// environment returns the stack's policy:environment, else the environment variable, else the environment that the
// stack's name is or ends with, else production. A setting that contradicts a name with one of the words for
// production is an error, so that people can rely on the name.
func environment(stack Stack) (rule.Environment, error) {
	named, certain := fromStackName(stack.Name)
	for _, setting := range []struct{ source, name string }{
		{namespace + ":environment", stack.Config[namespace+":environment"]},
		{EnvironmentVariable, os.Getenv(EnvironmentVariable)},
	} {
		if setting.name == "" {
			continue
		}
		env, err := rule.ParseEnvironment(setting.name)
		if err == nil && certain && named == rule.Prod && env != rule.Prod {
			err = fmt.Errorf("%s is %s, but the stack is called %s: remove the setting or rename the stack", setting.source, env, stack.Name)
		}
		return env, err
	}
	return named, nil
}

// fromStackName returns the environment in a stack's name, and whether no setting may override it.
func fromStackName(stack string) (env rule.Environment, certain bool) {
	parts := strings.FieldsFunc(strings.ToLower(stack), func(c rune) bool { return !unicode.IsLetter(c) })
	if slices.ContainsFunc(parts, func(part string) bool { return slices.Contains(productions, part) }) {
		return rule.Prod, true
	}
	for _, env := range []rule.Environment{rule.Dev, rule.Local} {
		if stack == string(env) || strings.HasSuffix(stack, "-"+string(env)) {
			return env, true
		}
	}
	return rule.Prod, false
}

// NamesProduction reports whether a stack's name means production, which no setting overrides.
func NamesProduction(stack string) bool {
	env, certain := fromStackName(stack)
	return certain && env == rule.Prod
}

// productions are the words for production.
var productions = []string{"prod", "production", "prd", "live"}
