package schema

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"unicode/utf8"
)

// Reasons for invalid lines. A field that does not convert to its type has the reason
// ReasonBadField, followed by the field's name.
const (
	ReasonBlank      = "blank" // Only white space, which is not an error.
	ReasonNotUTF8    = "not_utf8"
	ReasonNotObject  = "not_json_object"
	ReasonMissingKey = "missing_key"
	ReasonBadKey     = "bad_key"
	ReasonBadField   = "bad_field:"
)

// maxDepth is the maximum nesting of an unknown field's value.
const maxDepth = 30

// maxNesting is the maximum nesting of a line, below the limits of the parsers of Go and
// Python. It also applies to values of repeated members, of which the last one counts.
const maxNesting = 500

// Around are the characters that may surround an event in its line: white space and
// byte order marks.
const Around = " \t\r\n\ufeff"

// Check validates a line without its line feed. It returns the key of a valid event,
// or the reason why the line is invalid. The job has the same rules;
// testdata/validity.jsonl tests both.
func (c Contract) Check(line []byte) (key, reason string) {
	if !utf8.Valid(line) {
		return "", ReasonNotUTF8
	}
	line = bytes.Trim(line, Around)
	if len(line) == 0 {
		return "", ReasonBlank
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(line, &fields) != nil || fields == nil || len(line) > 2*maxNesting && depth(line) > maxNesting {
		return "", ReasonNotObject
	}
	key, reason = c.checkKey(fields[c.Key])
	if reason != "" {
		return "", reason
	}
	if name, bad := c.badField(fields); bad {
		return "", ReasonBadField + name
	}
	return key, ""
}

// checkKey requires a string that can be a key.
func (c Contract) checkKey(raw json.RawMessage) (key, reason string) {
	if raw == nil || isNull(raw) {
		return "", ReasonMissingKey
	}
	key, ok := text(raw)
	if !ok || !c.IsKey(key) {
		return "", ReasonBadKey
	}
	return key, ""
}

// IsKey reports whether a string can be an event's key: printable ASCII without spaces, so
// that Go, Spark and MySQL compare keys by their bytes.
func (c Contract) IsKey(text string) bool {
	if text == "" || len(text) > c.keyField().Params()[0] {
		return false
	}
	for i := range len(text) {
		if text[i] <= ' ' || text[i] > '~' {
			return false
		}
	}
	return true
}

func (c Contract) keyField() Field {
	return c.Fields[slices.IndexFunc(c.Fields, func(f Field) bool { return f.Name == c.Key })]
}

// badField returns the first field that does not convert: fields of the contract in
// order, then unknown fields by name.
func (c Contract) badField(fields map[string]json.RawMessage) (name string, bad bool) {
	for _, f := range c.Fields {
		raw, ok := fields[f.Name]
		delete(fields, f.Name)
		if ok && f.Name != c.Key && !isNull(raw) && !f.accepts(raw) {
			return f.Name, true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) {
		if depth(fields[name]) > maxDepth {
			return name, true
		}
	}
	return "", false
}

func isNull(raw json.RawMessage) bool { return raw[0] == 'n' }

// text returns the value of a JSON string in valid UTF-8.
func text(raw json.RawMessage) (value string, ok bool) {
	if raw[0] != '"' {
		return "", false
	}
	if bytes.IndexByte(raw, '\\') < 0 { // The common case, in a tenth of the time.
		return string(raw[1 : len(raw)-1]), true
	}
	err := json.Unmarshal(raw, &value)
	return value, err == nil
}

// depth returns the nesting depth of arrays and objects in valid JSON.
func depth(raw json.RawMessage) int {
	open, deepest, quoted := 0, 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			open++
			deepest = max(deepest, open)
		case c == ']' || c == '}':
			open--
		}
	}
	return deepest
}
