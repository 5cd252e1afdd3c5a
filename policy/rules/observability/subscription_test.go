package observability

import (
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/policy/aws"
	"store-events/policy/rule"
	. "store-events/policy/ruletest" //nolint:revive // The DSL of examples.
)

// Subscribers in the stack's configuration are accepted.
func TestAddressesOfTheConfiguration(t *testing.T) {
	settings := rule.DefaultSettings(rule.Prod).WithConfigured(map[string]string{"a:alertEmail": "team@mail.example", "a:phones": `["+15555550100"]`})
	for _, r := range []Res{
		R(aws.TopicSubscription, "s", Props{"protocol": "email", "endpoint": "team@mail.example"}),
		R(aws.TopicSubscription, "s", Props{"protocol": "sms", "endpoint": "+15555550100"}),
		R(aws.Budget, "b", Props{"notifications": List{Props{"subscriberEmailAddresses": List{"team@mail.example"}}}}),
	} {
		stack := Build(t, []Res{r}, settings)
		require.Empty(t, subscriptionProtocol.CheckResource(stack.Resources[0]))
		stack = Build(t, []Res{r}, rule.DefaultSettings(rule.Prod))
		require.Len(t, subscriptionProtocol.CheckResource(stack.Resources[0]), 1)
	}
}
