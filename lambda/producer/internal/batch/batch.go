// Package batch groups events into objects for the events bucket.
package batch

import (
	"fmt"
	"time"

	"store-events/lambda/producer/internal/event"
	"store-events/schema"
)

// Batcher groups events by stream and day. It keeps one open object for each of them,
// with at most size events. It is not safe for concurrent use.
type Batcher struct {
	contract schema.Contract
	run      string
	size     int
	gzip     bool
	open     map[partition]*Object
	opened   int
}

type partition struct{ eventType, date string }

// New returns a batcher for one run. The run's short id makes object names unique among
// runs in the same second.
func New(contract schema.Contract, run string, size int, gzip bool) *Batcher {
	return &Batcher{contract: contract, run: run, size: size, gzip: gzip, open: map[partition]*Object{}}
}

// Add adds an event. It returns the event's object if the object is full, else nil.
func (b *Batcher) Add(e *event.Event) (*Object, error) {
	p := partition{e.Type, e.Date()}
	o := b.open[p]
	if o == nil {
		stream, ok := b.contract.Stream(e.Type)
		if !ok {
			return nil, fmt.Errorf("event type %q has no stream in the contract", e.Type)
		}
		o = &Object{Key: b.key(stream.Name, e.TS), gzip: b.gzip}
		b.open[p] = o
	}
	o.lines = e.Append(o.lines)
	o.Tally.Count(e)
	if o.Tally.Events < b.size {
		return nil, nil
	}
	delete(b.open, p)
	return o, nil
}

// Flush returns the objects that are not full.
func (b *Batcher) Flush() []*Object {
	var out []*Object
	for p, o := range b.open {
		out = append(out, o)
		delete(b.open, p)
	}
	return out
}

// key returns <stream>/dt=<day>/events-<time of the first event>-<run>-<number>.json,
// with .gz if compressed. Times are UTC.
func (b *Batcher) key(stream string, first time.Time) string {
	b.opened++
	first = first.UTC()
	name := fmt.Sprintf("%s/%s=%s/events-%s-%s-%06d.json", stream, b.contract.PartitionKey,
		first.Format(time.DateOnly), first.Format("20060102T150405Z"), b.run, b.opened)
	if b.gzip {
		name += ".gz"
	}
	return name
}
