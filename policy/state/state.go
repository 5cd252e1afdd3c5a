// Package state reads resources from the engine's state of a deployed stack, in which every value is known.
package state

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/common/apitype"
	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"store-events/policy/rule"
)

// providerType is the prefix of the types of providers, which are not resources of the stack.
const providerType = "pulumi:providers:"

// Read returns the resources of a deployment as written by `pulumi stack export --show-secrets`.
func Read(deployment json.RawMessage) ([]rule.Resource, error) {
	var d apitype.DeploymentV3
	if err := json.Unmarshal(deployment, &d); err != nil {
		return nil, fmt.Errorf("read the state: %w", plainly(err))
	}
	providers, err := readProviders(d.Resources)
	if err != nil {
		return nil, err
	}
	var resources []rule.Resource
	for _, r := range d.Resources {
		if r.Delete || strings.HasPrefix(string(r.Type), providerType) {
			continue
		}
		if !r.URN.IsValid() {
			return nil, errors.New("read the state: a resource has no URN")
		}
		resource, err := read(r)
		if err != nil {
			return nil, fmt.Errorf("read the state of %s: %w", r.URN, err)
		}
		urn, _, _ := cutLast(r.Provider, "::")
		resource.Provider = providers[urn]
		resources = append(resources, resource)
	}
	return resources, nil
}

func readProviders(resources []apitype.ResourceV3) (map[string]property.Map, error) {
	providers := map[string]property.Map{}
	for _, r := range resources {
		if !strings.HasPrefix(string(r.Type), providerType) || r.Delete {
			continue
		}
		inputs, err := object(r.Inputs)
		if err != nil {
			return nil, fmt.Errorf("read the state of %s: %w", r.URN, err)
		}
		providers[string(r.URN)] = inputs
	}
	return providers, nil
}

// cutLast splits a reference to a provider into its URN and its ID.
func cutLast(text, by string) (before, after string, found bool) {
	i := strings.LastIndex(text, by)
	if i < 0 {
		return text, "", false
	}
	return text[:i], text[i+len(by):], true
}

func read(r apitype.ResourceV3) (rule.Resource, error) {
	inputs, err := object(r.Inputs)
	if err != nil {
		return rule.Resource{}, err
	}
	outputs, err := object(r.Outputs)
	if err != nil {
		return rule.Resource{}, err
	}
	if _, given := outputs.GetOk("id"); !given && r.ID != "" {
		outputs = outputs.Set("id", property.New(string(r.ID)))
	}
	dependencies := map[string][]string{}
	for key, urns := range r.PropertyDependencies {
		for _, u := range urns {
			dependencies[string(key)] = append(dependencies[string(key)], string(u))
		}
	}
	return rule.Resource{
		URN: string(r.URN), Type: string(r.Type), Name: r.URN.Name(), Inputs: inputs, Outputs: outputs,
		PropertyDependencies: dependencies, Protected: r.Protect, IgnoreChanges: r.IgnoreChanges, Component: !r.Custom,
	}, nil
}
