package ops

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"store-events/ops/internal/ledger"
	"store-events/ops/internal/quarantine"
)

// QuarantineFilter selects objects in quarantine. Empty fields select
// all.
type QuarantineFilter struct {
	Stream string
	Days
	Reason string // If it ends with a colon, it is a prefix.
}

// QuarantinedObject is a version of an event object with invalid lines.
type QuarantinedObject struct {
	Object  string         `json:"object"` // Key in the events bucket.
	Version string         `json:"version"`
	Lines   int            `json:"lines"`
	Reasons map[string]int `json:"reasons"`
	// InTable counts the lines whose key is now in the table, for example because
	// corrected lines were loaded. Lines without a readable key do not
	// count.
	InTable int `json:"in_table"`
	// Current reports whether this version still exists in S3, so that it can be read again.
	Current bool `json:"current"`

	keys map[string]int // Lines by key.
}

// Quarantine lists the loaded object versions with invalid lines, sorted by name. It
// omits entries of runs that ended before they had loaded the object.
func (o *Ops) Quarantine(ctx context.Context, f QuarantineFilter) ([]QuarantinedObject, error) {
	if err := o.checkFilter(f); err != nil {
		return nil, err
	}
	complete, err := o.ledger.CompleteVersions(ctx)
	if err != nil {
		return nil, err
	}
	found := []QuarantinedObject{}
	var mu sync.Mutex
	prefix := o.contract.Prefixes.Quarantine + "/"
	if f.Stream != "" {
		prefix += f.Stream + "/"
	}
	_, err = o.quarantine.Each(ctx, prefix, func(ctx context.Context, v quarantine.Version) error {
		if !complete[ledger.ObjectVersion{Object: v.Object, Version: v.Version}] || !f.include(v.Object) {
			return nil
		}
		one, err := o.quarantinedObject(ctx, v, f.Reason)
		mu.Lock()
		defer mu.Unlock()
		if one.Lines > 0 {
			found = append(found, one)
		}
		return err
	})
	if err != nil {
		return nil, err
	}
	slices.SortFunc(found, func(a, b QuarantinedObject) int {
		return cmp.Or(strings.Compare(a.Object, b.Object), strings.Compare(a.Version, b.Version))
	})
	return found, o.countInTable(ctx, found)
}

func (o *Ops) checkFilter(f QuarantineFilter) error {
	if names := o.contract.StreamNames(); f.Stream != "" && !slices.Contains(names, f.Stream) {
		return fmt.Errorf("--stream %q: must be %s", f.Stream, strings.Join(names, " or "))
	}
	return f.Check()
}

func (o *Ops) quarantinedObject(ctx context.Context, v quarantine.Version, reason string) (QuarantinedObject, error) {
	one := QuarantinedObject{Object: v.Object, Version: v.Version, Reasons: map[string]int{}, keys: map[string]int{}}
	_, err := o.quarantine.Entries(ctx, v, func(e quarantine.Entry) error {
		for name, count := range e.Counts(reason) {
			one.Lines += count
			one.Reasons[name] += count
			if key := e.EventKey(o.contract.Key); key != "" {
				one.keys[key] += count
			}
		}
		return nil
	})
	if err != nil || one.Lines == 0 {
		return one, err
	}
	version, err := o.bucket.Version(ctx, v.Object)
	one.Current = version == v.Version
	return one, err
}

// countInTable counts the lines whose key is in the table.
func (o *Ops) countInTable(ctx context.Context, objects []QuarantinedObject) error {
	indexes := map[string][]int{} // Indexes of objects by key.
	for i, object := range objects {
		for key := range object.keys {
			indexes[key] = append(indexes[key], i)
		}
	}
	present, err := o.presentKeys(ctx, indexes)
	for _, key := range present {
		for _, i := range indexes[key] {
			objects[i].InTable += objects[i].keys[key]
		}
	}
	return err
}

// presentKeys returns the keys that are in the target table.
func (o *Ops) presentKeys(ctx context.Context, keys map[string][]int) ([]string, error) {
	names := make([]string, 0, len(keys))
	for key := range keys {
		names = append(names, key)
	}
	slices.Sort(names)
	return o.db.PresentKeys(ctx, o.events(), names)
}
