package verify

import (
	"store-events/ops/internal/eventfile"
	"store-events/schema"
)

// Object is the content of an event object.
type Object struct {
	Key, Version string

	events  []event
	invalid []invalidRun
	// lastDamaged is the key of an event that damage cuts off, "" for none: the
	// job may have read its end.
	lastDamaged string
}

type event struct {
	key  string
	line int
}

// Add adds a value of the object, as an event or as an invalid line.
func (o *Object) Add(contract schema.Contract, v eventfile.Value) {
	key := ""
	if v.Reason == "" {
		key, v.Reason = contract.Check(v.Text)
	}
	switch v.Reason {
	case "":
		o.events = append(o.events, event{key, v.Number})
		return
	case schema.ReasonBlank:
		return
	case eventfile.ReasonCutShort:
		o.lastDamaged, _ = contract.Check(v.Text)
	}
	o.invalid = join(o.invalid, newInvalidRun(v))
}
