package deploy

import (
	"testing"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/stretchr/testify/require"
)

func TestPlannedInputsAreTheKnownOnes(t *testing.T) {
	const urn = "urn:pulumi:dev::store-events::store-events:index:Alerts$aws:cloudwatch/eventRule:EventRule::failed"
	plan := func(inputs map[string]any, custom bool) []Planned {
		return planned(apitype.StepEventMetadata{URN: urn, Type: "aws:cloudwatch/eventRule:EventRule", New: &apitype.StepEventStateMetadata{Custom: custom, Inputs: inputs}})
	}
	got := plan(map[string]any{
		"name": "failed-1a2b3c4", "description": "given", "eventBusName": plugin.UnknownStringValue,
		"tags": map[string]any{"a": "b", "c": plugin.UnknownStringValue}, "list": []any{"x", plugin.UnknownStringValue},
		"__defaults": []any{"eventBusName", "name"},
	}, true)
	require.Len(t, got, 1)
	require.Equal(t, "failed", got[0].Name)
	require.NotContains(t, got[0].Inputs, "name", "the provider generates it")
	require.NotContains(t, got[0].Inputs, "eventBusName")
	require.Equal(t, "given", got[0].Inputs["description"])
	require.Equal(t, map[string]any{"a": "b"}, got[0].Inputs["tags"])
	require.Equal(t, []any{"x"}, got[0].Inputs["list"])
	require.Equal(t, "failed", plan(map[string]any{"name": "failed", "__defaults": []any{}}, true)[0].Inputs["name"])
	require.Empty(t, plan(nil, false), "components")
}
