package pack

import (
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"store-events/policy/aws"
	"store-events/policy/rule"
	"store-events/policy/value"
)

// inline separates the URN of a resource from the property with its inline configuration.
const inline = "#inline:"

// parts returns a resource in the normalized form of the rules, and its inline configuration as separate
// resources that refer to it.
func parts(r rule.Resource) []rule.Resource {
	var all []rule.Resource
	for _, part := range aws.Normalize(r.Type, r.Inputs) {
		p := r
		p.Type, p.Inputs = part.Type, part.Inputs
		p.PropertyDependencies = dependencies(r, part)
		if part.From != "" {
			p.URN, p.Outputs = r.URN+inline+part.From, property.Map{}
			p.Inputs = part.Inputs.Set("bucket", identity(r))
		}
		all = append(all, p)
	}
	return all
}

// identity returns the name by which separate resources refer to a bucket; unknown before the bucket exists.
func identity(r rule.Resource) property.Value {
	for _, key := range []string{"id", "bucket"} {
		if text, err := value.Of(r.Outputs).Get(key).Text(); err == nil && text != "" {
			return property.New(text)
		}
	}
	return property.New(property.Computed)
}

// dependencies returns where the values of a part come from.
func dependencies(r rule.Resource, part aws.Part) map[string][]string {
	if part.From == "" && len(part.Origins) == 0 {
		return r.PropertyDependencies
	}
	all := map[string][]string{}
	for key := range part.Inputs.All {
		from := part.From
		if from == "" {
			from = part.Origins[key]
		}
		all[key] = r.PropertyDependencies[from]
	}
	if part.From != "" {
		all["bucket"] = []string{r.URN}
	}
	return all
}

// declared replaces an inline part in a finding by the declared resource and property.
func declared(f rule.Finding) rule.Finding {
	if urn, from, found := strings.Cut(f.URN, inline); found {
		f.URN, f.Property = urn, from
	}
	return f
}
