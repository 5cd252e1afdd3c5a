package verify

import (
	"store-events/ops/internal/eventfile"
	"store-events/schema"
)

// Object is the content of an event object.
type Object struct {
	Key, Version string
	// Cut is the number at which the job found the object damaged, 0 if unknown.
	Cut int
	// Damaged reports whether the last value is cut short.
	Damaged bool

	events  []event
	invalid []invalidRun
	// uncertain are the keys of events that only this reader or only the job may have
	// read, because decompressors return different numbers of bytes before damage.
	uncertain []string
}

type event struct {
	key  string
	line int
}

// Add adds a value of the object, as an event or as an invalid line.
func (o *Object) Add(contract schema.Contract, v eventfile.Value) {
	o.Damaged = v.Reason == eventfile.ReasonCutShort
	if o.Damaged || o.Cut > 0 && v.Number >= o.Cut {
		if key, _ := contract.Check(v.Text); key != "" {
			o.uncertain = append(o.uncertain, key)
		}
		if !o.Damaged {
			return
		}
	}
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
	}
	o.invalid = join(o.invalid, newInvalidRun(v))
}
