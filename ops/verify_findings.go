package ops

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// named is how many findings of a kind are named.
const named = 10

// Finding is one event or line that is not where it is to be.
type Finding struct {
	// Key of the event, or the beginning of an invalid line.
	Key string `json:"key"`
	// Object that has it, and the line's number there; empty when none has.
	Object string `json:"object,omitempty"`
	Line   int    `json:"line,omitempty"`
	// Detail says what is wrong with it, or what to do.
	Detail string `json:"detail,omitempty"`
}

// Findings counts the findings of a kind, and names the first of them by
// object, line and key.
type Findings struct {
	Total int       `json:"total"`
	First []Finding `json:"first,omitempty"`
}

func (f *Findings) add(x Finding) {
	f.Total++
	i, _ := slices.BinarySearchFunc(f.First, x, Finding.compare)
	if i >= named {
		return
	}
	f.First = slices.Insert(f.First, i, x)
	f.First = f.First[:min(len(f.First), named)]
}

// addAll adds a finding that stands for count of them.
func (f *Findings) addAll(x Finding, count int) {
	if count <= 0 {
		return
	}
	f.add(x)
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
