package rule

import (
	"maps"
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"store-events/policy/value"
)

// Resource is a resource in the form that rules check.
type Resource struct {
	URN  string
	Type string
	Name string
	// Inputs holds the program's declaration, after the provider's checks.
	Inputs property.Map
	// Outputs holds the values known after the step is planned or done; empty for resource rules.
	Outputs property.Map
	// Provider is the configuration of its provider.
	Provider property.Map
	// PropertyDependencies maps each input property to the URNs of the resources that its value comes from;
	// empty for resource rules.
	PropertyDependencies map[string][]string
	// Protected reports whether the engine refuses to delete the resource.
	Protected bool
	// IgnoreChanges are the properties whose changes the engine ignores.
	IgnoreChanges []string
	// Component reports whether the resource is a component: it has no provider, and each child is checked individually.
	Component bool
	// Settings are the limits of this environment.
	Settings Settings
}

// Get reads a declared property.
func (r Resource) Get(keys ...string) value.Value {
	return value.Of(r.Inputs).Get(keys...)
}

// Identities returns the known strings by which others may refer to the resource.
func (r Resource) Identities() []string {
	var ids []string
	for _, key := range []string{"id", "arn", "name", "bucket", "keyId"} {
		for _, m := range []property.Map{r.Outputs, r.Inputs} {
			if id, err := value.Of(m).Get(key).Text(); err == nil && id != "" {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// Stack is the input of stack rules.
type Stack struct {
	Resources []Resource
	Settings  Settings
}

// Of returns the resources of the given types.
func (s Stack) Of(types ...string) []Resource {
	var found []Resource
	for _, r := range s.Resources {
		if slices.Contains(types, r.Type) {
			found = append(found, r)
		}
	}
	return found
}

// Each checks every resource of a type and sets it in the findings.
func (s Stack) Each(resourceType string, check func(Resource) []Finding) []Finding {
	var findings []Finding
	for _, r := range s.Of(resourceType) {
		findings = append(findings, On(r, check(r))...)
	}
	return findings
}

// OwnARN returns the ARN of the resource, if it is known. A declared ARN is another resource's.
func (r Resource) OwnARN() string {
	if _, declared := r.Inputs.GetOk("arn"); declared {
		return ""
	}
	arn, err := value.Of(r.Outputs).Get("arn").Text()
	if err != nil {
		return ""
	}
	return arn
}

// Accounts returns the AWS account of most of the stack's resources, if it is known. The account of a second provider
// is not the stack's own.
func (s Stack) Accounts() []string {
	counts := map[string]int{}
	for _, r := range s.Resources {
		if parts := strings.Split(r.OwnARN(), ":"); len(parts) > 5 && parts[4] != "" {
			counts[parts[4]]++
		}
	}
	if len(counts) == 0 {
		return nil
	}
	return []string{MostCommon(counts)}
}

// MostCommon returns the key with the highest count, or the first of several in order.
func MostCommon(counts map[string]int) string {
	best, highest := "", 0
	for _, key := range slices.Sorted(maps.Keys(counts)) {
		if counts[key] > highest {
			best, highest = key, counts[key]
		}
	}
	return best
}

// DependsOn reports whether the value of a property comes from another resource.
func (r Resource) DependsOn(property string, on Resource) bool {
	return slices.Contains(r.PropertyDependencies[property], on.URN)
}

// Types returns the resource types in the stack.
func (s Stack) Types() []string {
	types := make([]string, len(s.Resources))
	for i, r := range s.Resources {
		types[i] = r.Type
	}
	slices.Sort(types)
	return slices.Compact(types)
}
