// Package plural writes counts in messages for people.
package plural

import "strconv"

// Count returns a count with its noun, such as "1 line" or "2 lines". The noun is
// one that forms its plural with an s.
func Count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return strconv.Itoa(n) + " " + noun
}
