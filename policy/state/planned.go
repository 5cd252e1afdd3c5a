package state

import (
	"fmt"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"

	"store-events/policy/rule"
)

// Planned returns a resource as a preview plans it. Values that the engine does not know yet are computed ones, and
// secrets are masked.
func Planned(r apitype.StepEventStateMetadata, name string) (rule.Resource, error) {
	inputs, err := object(r.Inputs)
	if err != nil {
		return rule.Resource{}, fmt.Errorf("read the plan of %s: %w", r.URN, err)
	}
	return rule.Resource{
		URN: r.URN, Type: r.Type, Name: name, Inputs: inputs, Protected: r.Protect, Component: !r.Custom,
	}, nil
}
