package schema

import (
	"bytes"
	"encoding/json"
	"maps"
	"slices"
	"unicode/utf8"
)

// Why a line is invalid. A field that does not convert to
// its type gives ReasonBadField with the field's name after it.
const (
	ReasonBlank      = "blank" // Only white space: not an event, and not an error.
	ReasonNotUTF8    = "not_utf8"
	ReasonNotObject  = "not_json_object"
	ReasonMissingKey = "missing_key"
	ReasonBadKey     = "bad_key"
	ReasonBadField   = "bad_field:"
)

// maxDepth is how deep the value of an unknown field may nest.
const maxDepth = 30

// Around is what may surround an event in its line: white space and byte order
// marks, which only separate values.
const Around = " \t\r\n\ufeff"

// Check reports whether a line, without its line feed, is a valid event: the key
// of a valid one with an empty reason, or the reason why it is not. The job
// applies the same rule when it loads; testdata/validity.jsonl holds the cases
// that both agree on.
func (c Contract) Check(line []byte) (key, reason string) {
	if !utf8.Valid(line) {
		return "", ReasonNotUTF8
	}
	line = bytes.Trim(line, Around)
	if len(line) == 0 {
		return "", ReasonBlank
	}
	var fields map[string]json.RawMessage
	if json.Unmarshal(line, &fields) != nil || fields == nil {
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

// checkKey requires a string of printable ASCII without spaces, so that keys are
// equal in Go, Spark and MySQL exactly when their bytes are.
func (c Contract) checkKey(raw json.RawMessage) (key, reason string) {
	if raw == nil || isNull(raw) {
		return "", ReasonMissingKey
	}
	key, ok := text(raw)
	if !ok || key == "" || len(key) > c.keyField().Params()[0] {
		return "", ReasonBadKey
	}
	for i := range len(key) {
		if key[i] <= ' ' || key[i] > '~' {
			return "", ReasonBadKey
		}
	}
	return key, ""
}

func (c Contract) keyField() Field {
	return c.Fields[slices.IndexFunc(c.Fields, func(f Field) bool { return f.Name == c.Key })]
}

// badField is the first field that does not convert, declared ones in the
// contract's order before unknown ones by name.
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

// text is the value of a JSON string, which is well-formed UTF-8.
func text(raw json.RawMessage) (value string, ok bool) {
	if raw[0] != '"' {
		return "", false
	}
	if bytes.IndexByte(raw, '\\') < 0 { // The common case, at a tenth of the cost.
		return string(raw[1 : len(raw)-1]), true
	}
	err := json.Unmarshal(raw, &value)
	return value, err == nil
}

// depth is how many arrays and objects are open at once in valid JSON.
func depth(raw json.RawMessage) int {
	open, most, quoted := 0, 0, false
	for i := 0; i < len(raw); i++ {
		switch c := raw[i]; {
		case quoted && c == '\\':
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '[' || c == '{':
			open++
			most = max(most, open)
		case c == ']' || c == '}':
			open--
		}
	}
	return most
}
