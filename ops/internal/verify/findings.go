package verify

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// maxNamed is how many findings of a kind are listed.
const maxNamed = 10

// Finding is one event, line or object that is not where it should be.
type Finding struct {
	// Key is the key of the event or object, or the beginning of an invalid line.
	Key string `json:"key"`
	// Object and Line locate it; empty if it is not in an object.
	Object string `json:"object,omitempty"`
	Line   int    `json:"line,omitempty"`
	// Detail describes what is wrong with it, or what to do.
	Detail string `json:"detail,omitempty"`
}

// Findings counts the findings of a kind and lists the first ones, sorted by object,
// line and key.
type Findings struct {
	Total int       `json:"total"`
	First []Finding `json:"first,omitempty"`
}

// Add adds one finding.
func (f *Findings) Add(x Finding) {
	f.Total++
	i, _ := slices.BinarySearchFunc(f.First, x, Finding.compare)
	if i >= maxNamed {
		return
	}
	f.First = slices.Insert(f.First, i, x)
	f.First = f.First[:min(len(f.First), maxNamed)]
}

// addMany adds one finding that represents several.
func (f *Findings) addMany(x Finding, count int) {
	if count <= 0 {
		return
	}
	f.Add(x)
	f.Total += count - 1
}

func (x Finding) compare(y Finding) int {
	return cmp.Or(strings.Compare(x.Object, y.Object), cmp.Compare(x.Line, y.Line), strings.Compare(x.Key, y.Key))
}

func (x Finding) String() string {
	text := x.Key
	switch {
	case x.Line != 0:
		text = fmt.Sprintf("%s (%s:%d)", x.Key, x.Object, x.Line)
	case x.Object != "":
		text = fmt.Sprintf("%s (%s)", x.Key, x.Object)
	}
	if x.Detail != "" {
		text += ": " + x.Detail
	}
	return text
}

func (f Findings) String() string {
	names := make([]string, len(f.First))
	for i, x := range f.First {
		names[i] = x.String()
	}
	if more := f.Total - len(f.First); more > 0 {
		names = append(names, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(names, ", ")
}
