// Package corpus makes one change to prod's compliant program for each case of a corpus, and runs the policy pack on
// it. An evasion must be a mandatory violation, a benign look-alike must not be reported.
//
// The cases are data, in policy/rules/<service>/testdata/evasions and .../benign.
package corpus

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"gopkg.in/yaml.v3"

	"store-events/tests/policy/mutation"
	"store-events/tests/policy/recording"
)

// File is one file of the corpus. On and Property are defaults for its cases.
type File struct {
	On, Property string
	Cases        []Case
}

// Case is one change to the program. Strings may refer to outputs of the program's resources, as
// ${aws:iam/role:Role::~job::arn}; a name begins with ~ instead of the prefix of all names of the stack.
type Case struct {
	Name string
	// Rules lists the rules of the case. Each must report an evasion, at least one as mandatory.
	Rules []string
	// On is the resource that Statement and Set change, as "type name".
	On string
	// Property is the policy document that Statement belongs to.
	Property string
	// Statement is a statement, or a list of them, that is added to the document.
	Statement any
	// Set sets properties by path; null removes one.
	Set properties
	// Secret marks the values of Set as secrets.
	Secret bool
	// Outputs sets outputs of the stack.
	Outputs properties
	// Add adds resources.
	Add []Resource
	// Remove removes resources, as "type name".
	Remove []string
}

// Resource is a resource that a case adds to the program.
type Resource struct {
	Type, Name string
	Properties properties
	// Provider is the configuration of a provider other than the stack's.
	Provider properties
	// IgnoreChanges is the resource option.
	IgnoreChanges []string `yaml:"ignoreChanges"`
	Protected     bool
}

// Read reads the files of a folder such as policy/rules/iam/testdata/evasions. Keys are the paths.
func Read(pattern string) (map[string]File, error) {
	paths, err := filepath.Glob(pattern)
	if err != nil {
		return nil, err
	}
	files := map[string]File{}
	for _, path := range paths {
		text, err := os.Open(path) //nolint:gosec // A file of the project.
		if err != nil {
			return nil, err
		}
		var f File
		decoder := yaml.NewDecoder(text)
		decoder.KnownFields(true)
		err = decoder.Decode(&f)
		_ = text.Close()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
		for i := range f.Cases {
			f.Cases[i].complete(f)
		}
		files[path] = f
	}
	return files, nil
}

func (c *Case) complete(f File) {
	if c.On == "" {
		c.On = f.On
	}
	if c.Property == "" {
		c.Property = f.Property
	}
}

// Apply returns the program with the case's change.
func (c Case) Apply(p recording.Program) (recording.Program, error) {
	return mutation.Apply(p, mutation.Mutation{Rule: c.Name, Change: c.change})
}

func (c Case) change(p *recording.Program) error {
	changes := []mutation.Change{}
	if c.Statement != nil {
		changes = append(changes, c.state())
	}
	for path, v := range c.Set {
		if c.Secret {
			v = recording.Secret{Value: v}
		}
		changes = append(changes, mutation.Alter(c.on(), c.named(), path, func(any) (any, error) { return v, nil }))
	}
	for name, v := range c.Outputs {
		changes = append(changes, mutation.Output(name, v))
	}
	for _, r := range c.Add {
		changes = append(changes, mutation.AddResource(recording.Resource{
			Type: r.Type, Name: r.Name, Props: r.Properties, Provider: r.Provider, IgnoreChanges: r.IgnoreChanges,
			Protected: r.Protected,
		}))
	}
	for _, name := range c.Remove {
		resourceType, name, _ := strings.Cut(name, " ")
		changes = append(changes, mutation.Remove(resourceType, name))
	}
	for _, change := range changes {
		if err := change(p); err != nil {
			return err
		}
	}
	return nil
}

func (c Case) on() string { before, _, _ := strings.Cut(c.On, " "); return before }

func (c Case) named() string { _, after, _ := strings.Cut(c.On, " "); return after }

func (c Case) state() mutation.Change {
	statements, isList := c.Statement.([]any)
	if !isList {
		statements = []any{c.Statement}
	}
	return mutation.Alter(c.on(), c.named(), c.Property, func(v any) (any, error) {
		document := map[string]any{"Version": "2012-10-17"}
		if v != nil {
			if err := json.Unmarshal([]byte(fmt.Sprint(v)), &document); err != nil {
				return nil, fmt.Errorf("%s: %s: %w", c.On, c.Property, err)
			}
		}
		before, _ := document["Statement"].([]any)
		document["Statement"] = append(before, statements...)
		text, err := json.Marshal(document)
		return string(text), err
	})
}
