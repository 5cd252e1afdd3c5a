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
	// Expect is what the values are expected to be; nil is anything.
	Expect *FieldExpectation `json:"expect,omitempty"`
}

// FieldExpectation is what the job compares the values of a field with. It reports
// what differs, and loads the events anyway.
type FieldExpectation struct {
	// MaxNullShare is the largest share of events, 0 to 1, without the field.
	MaxNullShare *float64 `json:"maxNullShare,omitempty"`
	// Min and Max are the edges of a number.
	Min *float64 `json:"min,omitempty"`
	Max *float64 `json:"max,omitempty"`
	// Allowed are the values of a string; empty is any.
	Allowed []string `json:"allowed,omitempty"`
}

// Extra is the column of the fields that the contract does not know, as JSON.
var Extra = Field{Name: "extra", Type: "string(0)", Description: "Fields that the contract does not know, as JSON"}

// Kind is the type's name without its parameters.
func (f Field) Kind() string {
	kind, _, _ := strings.Cut(f.Type, "(")
	return kind
}

// Params are the numbers between the parentheses of the type.
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

// GlueType is the field's type in the Glue Data Catalog (Hive names).
func (f Field) GlueType() string {
	if f.Kind() == "string" {
		return "string"
	}
	return f.Type
}
