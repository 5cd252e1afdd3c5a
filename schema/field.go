package schema

import (
	"fmt"
	"strconv"
	"strings"
)

// Field is one field of an event.
type Field struct {
	Name string `json:"name"`
	// Type is string(N), int, bigint, decimal(P,S), boolean or timestamp.
	Type        string `json:"type"`
	Description string `json:"description"`
	// Expect is what the job expects of the values; nil for nothing.
	Expect *FieldExpectation `json:"expect,omitempty"`
}

// FieldExpectation is what the job expects of a field's values. It reports other
// values, and loads the events anyway.
type FieldExpectation struct {
	// MaxNullShare is the maximum share, 0 to 1, of events without the field.
	MaxNullShare *float64 `json:"maxNullShare,omitempty"`
	// Min and Max limit a number, inclusive.
	Min *float64 `json:"min,omitempty"`
	Max *float64 `json:"max,omitempty"`
	// Allowed are the allowed strings; empty for any.
	Allowed []string `json:"allowed,omitempty"`
}

// Extra is the column with the fields that the contract lacks, as JSON.
var Extra = Field{Name: "extra", Type: "string(0)", Description: "Fields that the contract does not know, as JSON"}

// Kind returns the type's name without its parameters.
func (f Field) Kind() string {
	kind, _, _ := strings.Cut(f.Type, "(")
	return kind
}

// Params returns the numbers in the parentheses of the type.
func (f Field) Params() []int {
	_, rest, found := strings.Cut(f.Type, "(")
	if !found {
		return nil
	}
	var out []int
	for _, p := range strings.Split(strings.TrimSuffix(rest, ")"), ",") {
		n, err := strconv.Atoi(strings.TrimSpace(p))
		if err != nil {
			panic(fmt.Sprintf("schema: field %s: type %s: %v", f.Name, f.Type, err)) // Tested: the contract is embedded.
		}
		out = append(out, n)
	}
	return out
}

// GlueType returns the field's Hive type in the Glue Data Catalog.
func (f Field) GlueType() string {
	if f.Kind() == "string" {
		return "string"
	}
	return f.Type
}
