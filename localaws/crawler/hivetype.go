package crawler

import (
	"fmt"
	"strings"
)

// hiveType is a column type of the Data Catalog, in Hive's notation. The zero value is the type of a column with only
// nulls, and unifies with any type.
type hiveType struct {
	// Kind is struct, array, map, or a primitive's name with its parameters, for example decimal(12,2).
	Kind   string
	Fields []column  `json:",omitempty"` // of a struct
	Elem   *hiveType `json:",omitempty"` // of an array, and the values of a map
	Key    *hiveType `json:",omitempty"` // of a map
}

// column is a column of a table, or a field of a struct.
type column struct {
	Name string
	// Path is the name in the data. Name is in lower case, as in the catalog.
	Path string `json:",omitempty"`
	Type hiveType
}

func primitive(kind string) hiveType     { return hiveType{Kind: kind} }
func arrayOf(elem hiveType) hiveType     { return hiveType{Kind: "array", Elem: &elem} }
func structOf(fields []column) hiveType  { return hiveType{Kind: "struct", Fields: fields} }
func mapOf(key, value hiveType) hiveType { return hiveType{Kind: "map", Key: &key, Elem: &value} }

// String returns the type in Hive's notation. The zero value is a string, and so is a struct without fields, which Hive
// does not support.
func (t hiveType) String() string {
	switch t.Kind {
	case "":
		return "string"
	case "array":
		return "array<" + t.Elem.String() + ">"
	case "map":
		return "map<" + t.Key.String() + "," + t.Elem.String() + ">"
	case "struct":
		if len(t.Fields) == 0 {
			return "string"
		}
		fields := make([]string, len(t.Fields))
		for i, f := range t.Fields {
			fields[i] = f.Name + ":" + f.Type.String()
		}
		return "struct<" + strings.Join(fields, ",") + ">"
	default:
		return t.Kind
	}
}

// parseHiveType parses a type of the catalog.
func parseHiveType(s string) (hiveType, error) {
	p := typeParser{rest: strings.TrimSpace(s)}
	t, err := p.parse()
	if err != nil {
		return hiveType{}, fmt.Errorf("type %q: %w", s, err)
	}
	if p.rest != "" {
		return hiveType{}, fmt.Errorf("type %q: unexpected %q", s, p.rest)
	}
	return t, nil
}

type typeParser struct{ rest string }

func (p *typeParser) parse() (hiveType, error) {
	word := p.until("<>,:(")
	switch strings.ToLower(word) {
	case "array":
		elem, err := p.inBrackets(1)
		if err != nil {
			return hiveType{}, err
		}
		return arrayOf(elem[0]), nil
	case "map":
		kv, err := p.inBrackets(2)
		if err != nil {
			return hiveType{}, err
		}
		return mapOf(kv[0], kv[1]), nil
	case "struct":
		return p.structType()
	case "":
		return hiveType{}, fmt.Errorf("a type is missing before %q", p.rest)
	}
	if strings.HasPrefix(p.rest, "(") {
		params := p.until(")")
		if !p.skip(")") {
			return hiveType{}, fmt.Errorf("%s is not closed", params)
		}
		word += strings.ReplaceAll(params, " ", "") + ")"
	}
	return primitive(strings.ToLower(word)), nil
}

func (p *typeParser) inBrackets(n int) ([]hiveType, error) {
	out := make([]hiveType, n)
	open := "<"
	for i := range out {
		if !p.skip(open) {
			return nil, fmt.Errorf("%q is missing before %q", open, p.rest)
		}
		t, err := p.parse()
		if err != nil {
			return nil, err
		}
		out[i], open = t, ","
	}
	if !p.skip(">") {
		return nil, fmt.Errorf("\">\" is missing before %q", p.rest)
	}
	return out, nil
}

func (p *typeParser) structType() (hiveType, error) {
	var fields []column
	for p.skip("<") || p.skip(",") {
		name := p.until(":>")
		if !p.skip(":") {
			return hiveType{}, fmt.Errorf("field %q has no type", name)
		}
		t, err := p.parse()
		if err != nil {
			return hiveType{}, err
		}
		fields = append(fields, column{Name: name, Type: t})
	}
	if !p.skip(">") {
		return hiveType{}, fmt.Errorf("\">\" is missing before %q", p.rest)
	}
	return structOf(fields), nil
}

// until consumes and returns the characters before the first stop character.
func (p *typeParser) until(stop string) string {
	i := strings.IndexAny(p.rest, stop)
	if i < 0 {
		i = len(p.rest)
	}
	word := strings.TrimSpace(p.rest[:i])
	p.rest = p.rest[i:]
	return word
}

func (p *typeParser) skip(prefix string) bool {
	rest, found := strings.CutPrefix(p.rest, prefix)
	if found {
		p.rest = strings.TrimSpace(rest)
	}
	return found
}
