package ops

import (
	"strings"

	"store-events/schema"
)

// named reports whether a stream has the name.
func (o *Ops) named(name string) func(schema.Stream) bool {
	return func(s schema.Stream) bool { return s.Name == name }
}

func (o *Ops) streamNames() string {
	var names []string
	for _, s := range o.contract.Streams {
		names = append(names, s.Name)
	}
	return strings.Join(names, " or ")
}
