// Package recording keeps what the real program registers as a template: every value that only AWS can know is a
// reference to an output of another resource. A template can be changed, judged in process before or after its
// resources exist, and given to the engine as a program of its own.
package recording

// Program is what a program registers in the configuration of one stack.
type Program struct {
	Stack     string
	Resources []Resource
	// Outputs are those of the stack itself.
	Outputs  map[string]any
	Settings Settings
}

// Resource is a resource of a template.
type Resource struct {
	Type, Name string
	// Props are plain values. A text may hold references, ${type::name::output}.
	Props map[string]any
	// Sources are, for each property, the resources that it comes from, as type::name.
	Sources map[string][]string
	// Needs are all resources that must exist before this one, as type::name.
	Needs     []string
	Protected bool
}

// Secret is a value that the engine encrypts.
type Secret struct{ Value any }

func (r Resource) key() string { return r.Type + "::" + r.Name }

// reference stands for an output in texts.
func (r Resource) reference(output string) string { return "${" + r.key() + "::" + output + "}" }
