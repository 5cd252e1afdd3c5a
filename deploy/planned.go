package deploy

import (
	"slices"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
)

// Planned is a planned resource of a preview.
type Planned struct {
	URN, Type, Name string
	// Inputs are the inputs that are known before the update, without names that the
	// provider generates with a random part.
	Inputs map[string]any
}

// generated are the inputs for which the provider generates a free name.
var generated = []string{"name", "bucket", "identifier"}

// defaults is the input in which the provider lists the inputs that it has generated.
const defaults = "__defaults"

func planned(m apitype.StepEventMetadata) []Planned {
	if m.New == nil || !m.New.Custom {
		return nil
	}
	inputs, _ := known(m.New.Inputs).(map[string]any)
	if filled, ok := inputs[defaults].([]any); ok {
		for _, name := range generated {
			if slices.Contains(filled, any(name)) {
				delete(inputs, name)
			}
		}
	}
	u := urn.URN(m.URN)
	return []Planned{{URN: m.URN, Type: m.Type, Name: u.Name(), Inputs: inputs}}
}

// known returns a value without unknown parts.
func known(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for key, value := range v {
			if value = known(value); value != nil {
				out[key] = value
			}
		}
		return out
	case []any:
		out := make([]any, 0, len(v))
		for _, value := range v {
			if value = known(value); value != nil {
				out = append(out, value)
			}
		}
		return out
	case string:
		if v == plugin.UnknownStringValue {
			return nil
		}
	}
	return v
}
