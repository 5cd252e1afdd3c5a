package deploy

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// The engine checks the types of Pulumi.yaml, so that lists must be passed as lists.
func TestOverridesHaveTheTypesOfTheirSettings(t *testing.T) {
	s := Settings{Config: map[string]any{"store-events:natGateways": "1"}}
	s.Override("store-events:natGateways", "")
	s.Override("store-events:appSubnetIds", `["a","b"]`)
	s.Override("store-events:databaseName", "[not a list")
	require.Equal(t, map[string]any{
		"store-events:appSubnetIds": []any{"a", "b"}, "store-events:databaseName": "[not a list",
	}, s.Config)
}
