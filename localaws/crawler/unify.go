package crawler

import (
	"slices"
	"strings"
)

// rank orders integer types by size.
var rank = map[string]int{"tinyint": 1, "smallint": 2, "int": 3, "bigint": 4}

// unify returns the narrowest type for the values of both types: numbers widen to bigint and double, structs, arrays
// and maps unify recursively, and incompatible types become a string. It is commutative, associative and idempotent,
// apart from the order of a struct's fields.
func unify(a, b hiveType) hiveType {
	switch {
	case a.Kind == "":
		return b
	case b.Kind == "":
		return a
	case a.Kind == "struct" && b.Kind == "struct":
		return structOf(unifyColumns(a.Fields, b.Fields))
	case a.Kind == "array" && b.Kind == "array":
		return arrayOf(unify(*a.Elem, *b.Elem))
	case a.Kind == "map" && b.Kind == "map":
		return mapOf(unify(*a.Key, *b.Key), unify(*a.Elem, *b.Elem))
	case a.Kind == b.Kind:
		return a
	case rank[a.Kind] > 0 && rank[b.Kind] > 0:
		if rank[a.Kind] > rank[b.Kind] {
			return a
		}
		return b
	case isNumber(a) && isNumber(b):
		return primitive("double")
	default:
		return primitive("string")
	}
}

func isNumber(t hiveType) bool {
	return rank[t.Kind] > 0 || t.Kind == "float" || t.Kind == "double" || strings.HasPrefix(t.Kind, "decimal")
}

// unifyColumns unifies the types of common columns, keeps the order of a, and appends the new columns of b.
func unifyColumns(a, b []column) []column {
	return joinColumns(a, b, func(c *column, found column) { c.Type = unify(c.Type, found.Type) })
}

// joinColumns returns a with the new columns of b. For a column of both, it calls join with a's copy.
func joinColumns(a, b []column, join func(c *column, found column)) []column {
	out := slices.Clone(a)
	at := make(map[string]int, len(out))
	for i, c := range out {
		at[c.Name] = i
	}
	for _, c := range b {
		i, known := at[c.Name]
		if !known {
			at[c.Name] = len(out)
			out = append(out, c)
			continue
		}
		join(&out[i], c)
	}
	return out
}

// similarity returns the fraction of all columns that both schemas contain. It ignores types, because types can always
// be unified.
func similarity(a, b []column) float64 {
	names := make(map[string]bool, len(a))
	for _, c := range a {
		names[c.Name] = true
	}
	same := 0
	for _, c := range b {
		if names[c.Name] {
			same++
		}
	}
	if len(a)+len(b) == 0 {
		return 1
	}
	return float64(same) / float64(len(a)+len(b)-same)
}
