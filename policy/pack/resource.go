package pack

import (
	"context"

	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi/policyx"

	"store-events/policy/rule"
)

// recorder keeps what the program declares for each resource. The engine shows stack policies only the
// outputs of a resource, in which everything that the provider computes is unknown at preview, and so is
// a property that the program leaves out.
func (p *pack) recorder() policyx.Policy {
	return policyx.NewResourceValidationPolicy("inputs-recorded", policyx.ResourceValidationPolicyArgs{
		Description:      "Keeps the declared properties for the rules that judge the whole stack; never reports",
		EnforcementLevel: policyx.EnforcementLevelMandatory,
		ValidateResource: func(_ context.Context, args policyx.ResourceValidationArgs) error {
			p.ledger.record(args.Resource.URN, args.Resource.Properties)
			return nil
		},
	})
}

// declared is a resource as a resource policy gets it: its inputs.
func (p *pack) declared(r policyx.AnalyzerResource) rule.Resource {
	return rule.Resource{
		URN: r.URN, Type: r.Type, Name: r.Name, Inputs: r.Properties, Provider: r.Provider.Properties,
		Protected: r.Options.Protect, Settings: p.settings,
	}
}

// stack is all resources as a stack policy gets them: their outputs, joined with the recorded inputs.
func (p *pack) stack(resources []policyx.AnalyzerResource) rule.Stack {
	s := rule.Stack{Settings: p.settings}
	for _, r := range resources {
		resource := p.declared(r)
		resource.Outputs = r.Properties
		resource.PropertyDependencies = r.PropertyDependencies
		inputs, ok := p.ledger.inputs(r.URN)
		if !ok {
			inputs = withoutComputed(r)
		}
		resource.Inputs = inputs
		s.Resources = append(s.Resources, resource)
	}
	return s
}

// withoutComputed stands in for the inputs of a resource that was not judged by itself, as with --target:
// an unknown output that comes from no other resource is one that the program did not give.
func withoutComputed(r policyx.AnalyzerResource) property.Map {
	declared := r.Properties
	for key, v := range r.Properties.All {
		if v.IsComputed() && len(r.PropertyDependencies[key]) == 0 {
			declared = declared.Delete(key)
		}
	}
	return declared
}
