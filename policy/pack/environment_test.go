package pack

import (
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/policy/rule"
)

func TestEnvironment(t *testing.T) {
	at := func(stack, configured string) (rule.Environment, error) {
		return environment(Stack{Name: stack, Config: map[string]string{"policy:environment": configured}})
	}
	for stack, want := range map[string]rule.Environment{
		"dev": rule.Dev, "prod": rule.Prod, "local": rule.Local, "eu-dev": rule.Dev, "feature-1": rule.Prod, "devops": rule.Prod, "prod-dev": rule.Prod,
	} {
		env, err := at(stack, "")
		require.NoError(t, err)
		require.Equal(t, want, env, stack)
	}
	env, err := at("feature-1", "dev")
	require.NoError(t, err)
	require.Equal(t, rule.Dev, env, "the configuration wins over the default")
	env, err = at("dev", "prod")
	require.NoError(t, err)
	require.Equal(t, rule.Prod, env)
	_, err = at("eu-prod", "dev")
	require.EqualError(t, err, "policy:environment is dev, but the stack is called eu-prod: remove the setting or rename the stack")
	for _, stack := range []string{"production", "prod-eu", "PROD", "shop.prd", "live", "prod2", "prod-dev"} {
		_, err = at(stack, "dev")
		require.ErrorContains(t, err, "but the stack is called "+stack)
	}
	_, err = at("product-dev", "dev")
	require.NoError(t, err)
	_, err = at("dev", "staging")
	require.ErrorContains(t, err, "staging")

	t.Setenv(EnvironmentVariable, "dev")
	env, err = at("feature-1", "")
	require.NoError(t, err)
	require.Equal(t, rule.Dev, env, "the variable overrides the default")
	_, err = at("prod", "")
	require.ErrorContains(t, err, EnvironmentVariable+" is dev, but the stack is called prod")
}
