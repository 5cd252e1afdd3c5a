package recording

import "regexp"

// reference formats an output inside a string.
var reference = regexp.MustCompile(`\$\{([^{}:$]+:[^{}$]*?)::([^{}:$]+)::(\w+)\}`)

// ref is an output of another resource.
type ref struct{ resourceType, name, output string }

func (r ref) key() string { return Resource{Type: r.resourceType, Name: r.name}.key() }

// split returns the literal parts of a string and the references between them: one part more than references.
func split(text string) (parts []string, refs []ref) {
	end := 0
	for _, m := range reference.FindAllStringSubmatchIndex(text, -1) {
		parts = append(parts, text[end:m[0]])
		refs = append(refs, ref{text[m[2]:m[3]], text[m[4]:m[5]], text[m[6]:m[7]]})
		end = m[1]
	}
	return append(parts, text[end:]), refs
}

// refsIn returns the references anywhere in a value.
func refsIn(v any) []ref {
	var found []ref
	switch v := v.(type) {
	case string:
		_, found = split(v)
	case Secret:
		found = refsIn(v.Value)
	case map[string]any:
		for _, e := range v {
			found = append(found, refsIn(e)...)
		}
	case []any:
		for _, e := range v {
			found = append(found, refsIn(e)...)
		}
	}
	return found
}
