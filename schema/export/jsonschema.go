// Package export exports the contract as JSON Schema and as an Open Data Contract (ODCS).
package export

import (
	"encoding/json"
	"fmt"
	"math"
	"strings"

	"store-events/schema"
)

// draft is the dialect of the JSON Schema.
const draft = "https://json-schema.org/draft/2020-12/schema"

// object is a JSON object, encoded with sorted members.
type object = map[string]any

// JSONSchema returns the JSON Schema (2020-12) of an event, for producers. Each event
// that it accepts is valid, but the job also accepts other forms, for example numbers
// in quotes; docs/input.md lists them.
func JSONSchema(c schema.Contract) ([]byte, error) {
	properties := object{}
	for _, f := range c.Fields {
		properties[f.Name] = property(c, f)
	}
	return encode(object{
		"$schema":              draft,
		"$id":                  fmt.Sprintf("urn:store-events:contract:%d", c.Version),
		"title":                "Store event",
		"description":          "One event of the streams " + strings.Join(c.StreamNames(), ", ") + ". Fields that are not listed are kept in the column extra.",
		"type":                 "object",
		"properties":           properties,
		"required":             []string{c.Key},
		"additionalProperties": true,
	})
}

func property(c schema.Contract, f schema.Field) object {
	p := valueOf(f)
	p["description"] = f.Description
	if f.Name == c.Key { // Any printable ASCII without spaces.
		p["minLength"], p["pattern"] = 1, "^[!-~]+$"
		return p
	}
	p["type"] = []any{p["type"], "null"}
	return p
}

// valueOf returns the schema of a field's values in their canonical JSON form.
func valueOf(f schema.Field) object {
	switch f.Kind() {
	case "string":
		return object{"type": "string", "maxLength": f.Params()[0]}
	case "int":
		return object{"type": "integer", "minimum": math.MinInt32, "maximum": math.MaxInt32}
	case "bigint":
		return object{"type": "integer", "minimum": json.Number("-9223372036854775808"), "maximum": json.Number("9223372036854775807")}
	case "decimal":
		return decimal(f.Params()[0], f.Params()[1])
	case "boolean":
		return object{"type": "boolean"}
	default: // An RFC 3339 time with a year and an offset that all parts of the system support.
		return object{"type": "string", "format": "date-time", "pattern": `^(19|2[0-9])[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9](\.[0-9]+)?(Z|[+-](0[0-9]|1[0-7]):[0-5][0-9])$`}
	}
}

// decimal returns the schema of a decimal. Further digits after the point are rounded.
func decimal(precision, scale int) object {
	limit := strings.Repeat("9", precision-scale)
	if limit == "" {
		limit = "0"
	}
	if scale > 0 {
		limit += "." + strings.Repeat("9", scale)
	}
	return object{"type": "number", "minimum": json.Number("-" + limit), "maximum": json.Number(limit)}
}

func encode(doc object) ([]byte, error) {
	text, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return nil, fmt.Errorf("encode the schema: %w", err)
	}
	return append(text, '\n'), nil
}
