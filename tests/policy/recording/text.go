package recording

import (
	"regexp"
	"sync"
)

// reference formats an output inside a string.
var reference = regexp.MustCompile(`\$\{([^{}:$]+:[^{}$]*?)::([^{}:$]+)::(\w+)\}`)

// ref is an output of another resource.
type ref struct{ resourceType, name, output string }

func (r ref) key() string { return Resource{Type: r.resourceType, Name: r.name}.key() }

// pieces are a string's literal parts and the references between them: one part more than references.
type pieces struct {
	parts []string
	refs  []ref
}

// known caches the pieces of strings: the variants of a program share most strings.
var known sync.Map

// split returns the pieces of a string. They are shared and must not be changed.
func split(text string) (parts []string, refs []ref) {
	found, ok := known.Load(text)
	if !ok {
		found, _ = known.LoadOrStore(text, pieced(text))
	}
	p := found.(pieces)
	return p.parts, p.refs
}

func pieced(text string) (p pieces) {
	end := 0
	for _, m := range reference.FindAllStringSubmatchIndex(text, -1) {
		p.parts = append(p.parts, text[end:m[0]])
		p.refs = append(p.refs, ref{text[m[2]:m[3]], text[m[4]:m[5]], text[m[6]:m[7]]})
		end = m[1]
	}
	p.parts = append(p.parts, text[end:])
	return p
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
