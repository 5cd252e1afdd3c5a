package analyzer

import (
	"fmt"
	"maps"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/plugin"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/protobuf/types/known/structpb"

	"store-events/policy/rule"
)

// requested returns a resource as the program declares it, before its step runs.
func requested(req *pulumirpc.AnalyzeRequest) (rule.Resource, error) {
	inputs, err := properties(req.GetProperties(), req.GetUrn())
	if err != nil {
		return rule.Resource{}, err
	}
	provider, err := properties(req.GetProvider().GetProperties(), req.GetUrn())
	return rule.Resource{
		URN: req.GetUrn(), Type: req.GetType(), Name: req.GetName(), Inputs: inputs, Provider: provider,
		Protected: req.GetOptions().GetProtect(), IgnoreChanges: req.GetOptions().GetIgnoreChanges(),
		Component: req.GetProvider() == nil,
	}, err
}

// deployed returns a resource after its step, or as planned by the step.
func deployed(r *pulumirpc.AnalyzerResource) (rule.Resource, error) {
	outputs, err := properties(r.GetProperties(), r.GetUrn())
	if err != nil {
		return rule.Resource{}, err
	}
	provider, err := properties(r.GetProvider().GetProperties(), r.GetUrn())
	return rule.Resource{
		URN: r.GetUrn(), Type: r.GetType(), Name: r.GetName(), Outputs: outputs, Provider: provider,
		Protected: r.GetOptions().GetProtect(), IgnoreChanges: r.GetOptions().GetIgnoreChanges(),
		Component: r.GetProvider() == nil, PropertyDependencies: sources(r.GetPropertyDependencies()),
	}, err
}

// whole preserves everything that the engine sends.
var whole = plugin.MarshalOptions{KeepUnknowns: true, KeepSecrets: true, KeepResources: true, KeepOutputValues: true}

func properties(s *structpb.Struct, urn string) (property.Map, error) {
	m, err := plugin.UnmarshalProperties(s, whole)
	if err != nil {
		return property.Map{}, fmt.Errorf("properties of %s: %w", urn, err)
	}
	return resource.FromResourcePropertyMap(m), nil
}

func sources(dependencies map[string]*pulumirpc.AnalyzerPropertyDependencies) map[string][]string {
	all := make(map[string][]string, len(dependencies))
	for key, from := range dependencies {
		all[key] = from.GetUrns()
	}
	return all
}

// changed returns s with these properties replaced.
func changed(s *structpb.Struct, properties map[string]property.Value) (*structpb.Struct, error) {
	encoded, err := plugin.MarshalProperties(resource.ToResourcePropertyMap(property.NewMap(properties)), whole)
	if err != nil {
		return nil, err
	}
	fields := maps.Clone(s.GetFields())
	if fields == nil {
		fields = map[string]*structpb.Value{}
	}
	maps.Copy(fields, encoded.GetFields())
	return &structpb.Struct{Fields: fields}, nil
}
