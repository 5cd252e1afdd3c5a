package preflight

import "slices"

// Actions returns the IAM actions that creating any stack of the program may require,
// sorted.
func Actions() []string {
	var list []string
	for _, of := range actions {
		list = append(list, of...)
	}
	slices.Sort(list)
	return slices.Compact(list)
}
