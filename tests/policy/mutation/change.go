package mutation

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"store-events/tests/policy/recording"
)

// Change alters a recorded program. It fails if the program lacks the resource or property.
type Change func(*recording.Program) error

type (
	object = map[string]any
	list   = []any
)

// to returns a reference to an output of a resource of the program, for use in strings. Names omit the prefix
// common to all names of a stack.
func to(resourceType, name, output string) string {
	return "${" + resourceType + "::~" + name + "::" + output + "}"
}

// To is an output of a resource of the program, for use in strings.
func To(resourceType, name, output string) string { return to(resourceType, name, output) }

// Add adds a resource to the program.
func Add(resourceType, name string, props map[string]any) Change {
	return add(resourceType, name, props)
}

// AddResource adds a resource to the program; its name omits the prefix of the stack's names.
func AddResource(r recording.Resource) Change {
	return func(p *recording.Program) error {
		if _, err := find(p, r.Type, r.Name); err == nil {
			return fmt.Errorf("%s has a %s %s already", p.Stack, r.Type, r.Name)
		}
		r.Name, r.Props = prefix(p)+r.Name, expand(p, r.Props).(object)
		p.Resources = append(p.Resources, r)
		return nil
	}
}

// Remove removes a resource from the program.
func Remove(resourceType, name string) Change { return remove(resourceType, name) }

// set sets a property of a resource.
func set(resourceType, name, path string, v any) Change {
	return Alter(resourceType, name, path, func(any) (any, error) { return v, nil })
}

// unset removes a property.
func unset(resourceType, name, path string) Change {
	return Alter(resourceType, name, path, func(any) (any, error) { return nil, nil })
}

// edit replaces a part of a string.
func edit(resourceType, name, path, part, by string) Change {
	return Alter(resourceType, name, path, func(v any) (any, error) {
		text, ok := v.(string)
		if !ok || !strings.Contains(text, part) {
			return nil, fmt.Errorf("%s %s: %s does not contain %q", resourceType, name, path, part)
		}
		return strings.ReplaceAll(text, part, by), nil
	})
}

// state adds a statement to a policy document.
func state(resourceType, name, path string, statement object) Change {
	return Alter(resourceType, name, path, func(v any) (any, error) {
		var document struct {
			Version   string
			Statement []any
		}
		if err := json.Unmarshal([]byte(fmt.Sprint(v)), &document); err != nil {
			return nil, fmt.Errorf("%s %s: %s: %w", resourceType, name, path, err)
		}
		document.Statement = append(document.Statement, statement)
		text, err := json.Marshal(document)
		return string(text), err
	})
}

// remove removes a resource from the program.
func remove(resourceType, name string) Change {
	return func(p *recording.Program) error {
		i, err := find(p, resourceType, name)
		if err != nil {
			return err
		}
		p.Resources = slices.Delete(p.Resources, i, i+1)
		return nil
	}
}

// add adds a resource to the program.
func add(resourceType, name string, props object) Change {
	return AddResource(recording.Resource{Type: resourceType, Name: name, Props: props})
}

// together combines several changes.
func together(changes ...Change) Change {
	return func(p *recording.Program) error {
		for _, c := range changes {
			if err := c(p); err != nil {
				return err
			}
		}
		return nil
	}
}

func prefix(p *recording.Program) string { return "store-events-" + p.Stack + "-" }

func find(p *recording.Program, resourceType, name string) (int, error) {
	i := slices.IndexFunc(p.Resources, func(r recording.Resource) bool {
		return r.Type == resourceType && r.Name == prefix(p)+name
	})
	if i < 0 {
		return 0, fmt.Errorf("%s has no %s %s", p.Stack, resourceType, name)
	}
	return i, nil
}

// Alter changes the property at a path, such as "policy" or "ingress[0].cidrBlocks"; nil removes it. The name omits
// the prefix of the stack's names.
func Alter(resourceType, name, path string, alter func(any) (any, error)) Change {
	return func(p *recording.Program) error {
		i, err := find(p, resourceType, name)
		if err != nil {
			return err
		}
		r := &p.Resources[i]
		keys := strings.FieldsFunc(path, func(c rune) bool { return c == '.' || c == '[' || c == ']' })
		props, err := at(r.Props, keys, alter)
		if err != nil {
			return err
		}
		r.Props = expand(p, props).(object)
		r.Sources = maps.Clone(r.Sources)
		delete(r.Sources, keys[0]) // Its references now determine its sources.
		return nil
	}
}

// at copies the values on the path, so that the recorded program does not change.
func at(v any, path []string, alter func(any) (any, error)) (any, error) {
	if len(path) == 0 {
		return alter(v)
	}
	switch v := v.(type) {
	case recording.Secret:
		changed, err := at(v.Value, path, alter)
		return recording.Secret{Value: changed}, err
	case list:
		return inList(v, path, alter)
	case object:
		copied := maps.Clone(v)
		changed, err := at(copied[path[0]], path[1:], alter)
		if changed == nil {
			delete(copied, path[0])
		} else {
			copied[path[0]] = changed
		}
		return copied, err
	default:
		return at(object{}, path, alter)
	}
}

func inList(v list, path []string, alter func(any) (any, error)) (any, error) {
	i, err := strconv.Atoi(path[0])
	if err != nil || i >= len(v) {
		return nil, fmt.Errorf("no member %s", path[0])
	}
	copied := slices.Clone(v)
	copied[i], err = at(copied[i], path[1:], alter)
	return copied, err
}

// expand completes the names in references.
func expand(p *recording.Program, v any) any {
	switch v := v.(type) {
	case string:
		return strings.ReplaceAll(v, "::~", "::"+prefix(p))
	case recording.Secret:
		return recording.Secret{Value: expand(p, v.Value)}
	case object:
		copied := object{}
		for key, e := range v {
			copied[key] = expand(p, e)
		}
		return copied
	case list:
		copied := make(list, len(v))
		for i, e := range v {
			copied[i] = expand(p, e)
		}
		return copied
	default:
		return v
	}
}
