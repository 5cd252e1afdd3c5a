// Package plural formats counts for people.
package plural

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// Count returns a count with its noun, such as "1 line" or "2 lines". The plural of the
// noun must end with an s.
func Count(n int, noun string) string {
	if n != 1 {
		noun += "s"
	}
	return strconv.Itoa(n) + " " + noun
}

// ByName returns counts by name, such as "2 archived, 1 gone".
func ByName(counts map[string]int) string {
	var texts []string
	for _, name := range slices.Sorted(maps.Keys(counts)) {
		texts = append(texts, fmt.Sprintf("%d %s", counts[name], name))
	}
	return strings.Join(texts, ", ")
}
