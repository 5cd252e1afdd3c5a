package state

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"

	"store-events/policy/rule"
)

// Planned returns a planned resource of a preview. Values that are not known yet, and secrets, which the engine encrypts,
// are computed values.
func Planned(r apitype.StepEventStateMetadata, name string) (rule.Resource, error) {
	inputs, err := object(masked(r.Inputs).(map[string]any))
	if err != nil {
		return rule.Resource{}, fmt.Errorf("read the plan of %s: %w", r.URN, err)
	}
	return rule.Resource{
		URN: r.URN, Type: r.Type, Name: name, Inputs: inputs, Protected: r.Protect, Component: !r.Custom,
	}, nil
}

// masked replaces encrypted secrets by unknown values.
func masked(v any) any {
	switch v := v.(type) {
	case map[string]any:
		if v[resource.SigKey] == resource.SecretSig {
			return plugin.UnknownStringValue
		}
		out := make(map[string]any, len(v))
		for key, value := range v {
			out[key] = masked(value)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, value := range v {
			out[i] = masked(value)
		}
		return out
	}
	return v
}
