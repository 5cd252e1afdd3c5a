package preflight

import "slices"

// Creates reports whether the table of actions has the type.
func Creates(kind string) bool { return len(actions[kind]) > 0 }

// LooksUp reports whether a check looks up the name in the type's input.
func LooksUp(kind, input string) bool {
	return slices.ContainsFunc(lookups, func(l lookup) bool { return l.kind == kind && l.input == input })
}
