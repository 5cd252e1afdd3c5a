package rule

import (
	"slices"
	"strings"

	"github.com/pulumi/pulumi/sdk/v3/go/property"

	"store-events/policy/value"
)

// Resource is a resource as rules see it.
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
	// PropertyDependencies returns, for each input property, the URNs of the resources its value comes from;
	// empty for resource rules.
	PropertyDependencies map[string][]string
	// Protected means that the engine refuses to delete the resource.
	Protected bool
	// Component means that the resource is a component: it has no provider, and each child is checked individually.
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

// Each checks every resource of a type and names it in the findings.
func (s Stack) Each(resourceType string, judge func(Resource) []Finding) []Finding {
	var findings []Finding
	for _, r := range s.Of(resourceType) {
		findings = append(findings, On(r, judge(r))...)
	}
	return findings
}

// Accounts returns the known AWS accounts of the stack's resources.
func (s Stack) Accounts() []string {
	var accounts []string
	for _, r := range s.Resources {
		arn, err := value.Of(r.Outputs).Get("arn").Text()
		if parts := strings.Split(arn, ":"); err == nil && len(parts) > 5 && parts[4] != "" {
			accounts = append(accounts, parts[4])
		}
	}
	slices.Sort(accounts)
	return slices.Compact(accounts)
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
