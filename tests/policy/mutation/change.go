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

// Change alters a recorded program. It panics where the program has not what it names: then the table is wrong.
type Change func(*recording.Program)

type (
	object = map[string]any
	list   = []any
)

// to is an output of a resource of the program, for use in texts. Names lack what all names of a stack begin with.
func to(resourceType, name, output string) string {
	return "${" + resourceType + "::~" + name + "::" + output + "}"
}

// set gives a property of a resource another value.
func set(resourceType, name, path string, v any) Change {
	return change(resourceType, name, path, func(any) any { return v })
}

// unset leaves a property out.
func unset(resourceType, name, path string) Change {
	return change(resourceType, name, path, func(any) any { return nil })
}

// edit replaces a part of a text.
func edit(resourceType, name, path, part, by string) Change {
	return change(resourceType, name, path, func(v any) any {
		text, ok := v.(string)
		if !ok || !strings.Contains(text, part) {
			panic(fmt.Sprintf("%s %s: %s does not hold %q", resourceType, name, path, part))
		}
		return strings.ReplaceAll(text, part, by)
	})
}

// state adds a statement to a policy document.
func state(resourceType, name, path string, statement object) Change {
	return change(resourceType, name, path, func(v any) any {
		var document struct {
			Version   string
			Statement []any
		}
		if err := json.Unmarshal([]byte(v.(string)), &document); err != nil {
			panic(err)
		}
		document.Statement = append(document.Statement, statement)
		text, err := json.Marshal(document)
		if err != nil {
			panic(err)
		}
		return string(text)
	})
}

// remove takes a resource out of the program.
func remove(resourceType, name string) Change {
	return func(p *recording.Program) {
		i := find(p, resourceType, name)
		p.Resources = slices.Delete(p.Resources, i, i+1)
	}
}

// add puts a resource into the program.
func add(resourceType, name string, props object) Change {
	return func(p *recording.Program) {
		p.Resources = append(p.Resources, recording.Resource{Type: resourceType, Name: prefix(p) + name, Props: expand(p, props).(object)})
	}
}

// together makes one change of several.
func together(changes ...Change) Change {
	return func(p *recording.Program) {
		for _, c := range changes {
			c(p)
		}
	}
}

func prefix(p *recording.Program) string { return "store-events-" + p.Stack + "-" }

func find(p *recording.Program, resourceType, name string) int {
	i := slices.IndexFunc(p.Resources, func(r recording.Resource) bool {
		return r.Type == resourceType && r.Name == prefix(p)+name
	})
	if i < 0 {
		panic(fmt.Sprintf("%s has no %s %s", p.Stack, resourceType, name))
	}
	return i
}

func change(resourceType, name, path string, alter func(any) any) Change {
	return func(p *recording.Program) {
		r := &p.Resources[find(p, resourceType, name)]
		keys := strings.FieldsFunc(path, func(c rune) bool { return c == '.' || c == '[' || c == ']' })
		r.Props = at(r.Props, keys, func(v any) any { return expand(p, alter(v)) }).(object)
		r.Sources = maps.Clone(r.Sources)
		delete(r.Sources, keys[0]) // What it comes from now is told by the references in it.
		if r.Props[keys[0]] == nil {
			delete(r.Props, keys[0])
		}
	}
}

// at copies what it goes through, so that the recorded program stays as it is.
func at(v any, path []string, alter func(any) any) any {
	if len(path) == 0 {
		return alter(v)
	}
	switch v := v.(type) {
	case recording.Secret:
		return recording.Secret{Value: at(v.Value, path, alter)}
	case list:
		i, err := strconv.Atoi(path[0])
		if err != nil {
			panic(err)
		}
		copied := slices.Clone(v)
		copied[i] = at(copied[i], path[1:], alter)
		return copied
	case object:
		copied := maps.Clone(v)
		changed := at(copied[path[0]], path[1:], alter)
		if changed == nil {
			delete(copied, path[0])
			return copied
		}
		copied[path[0]] = changed
		return copied
	default:
		return at(object{}, path, alter)
	}
}

// expand writes the names in references out.
func expand(p *recording.Program, v any) any {
	switch v := v.(type) {
	case string:
		return strings.ReplaceAll(v, "::~", "::"+prefix(p))
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
