// Package recording records what the real program registers as a template, in which values that only AWS knows are
// references to outputs of resources. A template can be changed, checked in process before or after its resources
// exist, and run by the engine as a separate program.
package recording

import (
	"reflect"

	"store-events/internal/pulumitest"
)

// Program is what a program registers with the configuration of one stack.
type Program struct {
	Stack     string
	Resources []Resource
	// Outputs are the outputs of the stack.
	Outputs  map[string]any
	Settings Settings
}

// Resource is a resource of a template.
type Resource struct {
	Type, Name string
	// Props are plain values. A string may contain references, ${type::name::output}.
	Props map[string]any
	// Sources lists, for each property, the resources that it comes from, as type::name.
	Sources map[string][]string
	// Needs lists all resources that must exist before this one, as type::name.
	Needs     []string
	Protected bool
	// Provider is the configuration of a provider other than the stack's.
	Provider map[string]any
	// IgnoreChanges is the resource option.
	IgnoreChanges []string
}

// Same returns the resources, as type::name, that another program has with the same properties.
func (p Program) Same(as Program) map[string]bool {
	before, same := as.byKey(), map[string]bool{}
	for _, r := range p.Resources {
		other, exists := before[r.key()]
		same[r.key()] = exists && reflect.DeepEqual(r, other)
	}
	return same
}

// Secret is a value that the engine encrypts.
type Secret = pulumitest.Secret

func (r Resource) key() string { return r.Type + "::" + r.Name }

// Unknown is a value that is not known yet and does not come from a resource.
type Unknown struct{}

// reference matches a reference to an output.
func (r Resource) reference(output string) string { return "${" + r.key() + "::" + output + "}" }
