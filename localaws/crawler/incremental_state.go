package crawler

import (
	"errors"
	"fmt"
	"hash/fnv"
	"time"

	"localaws/store"
)

// incrementalCollection contains a document for each target of a crawler.
const incrementalCollection = "glue-crawl-incremental"

// folderState summarizes a folder whose objects form one dataset, so that the next crawl reads only new objects. It is
// valid as long as the objects up to Through do not change.
type folderState struct {
	Through time.Time
	Objects int    // up to Through
	Sum     uint64 // of their keys, sizes and ETags

	Format  format
	Columns []column
	Read    int   // Number of objects that were read.
	Size    int64 // Their size in S3.
	Stats   stats // Their record counts.
}

// folderStates contains the states of a target's folders, by prefix.
type folderStates map[string]folderState

// since returns a folder's state and the objects that are newer. Without a valid state, it returns nil and all objects.
func (m folderStates) since(l leaf) (known *folderState, fresh []object) {
	state, ok := m[l.Prefix]
	if !ok {
		return nil, l.Objects
	}
	var old []object
	for _, o := range l.Objects {
		if o.Modified.After(state.Through) {
			fresh = append(fresh, o)
		} else {
			old = append(old, o)
		}
	}
	if len(old) != state.Objects || fingerprint(old) != state.Sum {
		return nil, l.Objects
	}
	return &state, fresh
}

// newFolderState returns the state of a folder whose objects form one dataset.
func newFolderState(l scannedLeaf, d dataset) folderState {
	m := folderState{Format: d.Format, Columns: d.Columns, Objects: len(l.Objects), Sum: fingerprint(l.Objects)}
	for _, o := range l.Objects {
		if o.Modified.After(m.Through) {
			m.Through = o.Modified
		}
	}
	if l.Known != nil {
		m.Read, m.Size, m.Stats = l.Known.Read, l.Known.Size, l.Known.Stats
	}
	for _, s := range l.Scanned {
		m.Read++
		m.Size += s.Size
		m.Stats = m.Stats.plus(s.stats())
	}
	return m
}

// fingerprint returns a hash of the objects that does not depend on their order.
func fingerprint(objects []object) uint64 {
	var sum uint64
	for _, o := range objects {
		h := fnv.New64a()
		_, _ = fmt.Fprintf(h, "%s\x00%d\x00%s", o.Key, o.Size, o.ETag) // A hash never fails.
		sum += h.Sum64()
	}
	return sum
}

func stateKey(crawler string, in include) string { return crawler + "/" + in.url(in.Prefix) }

func (s *Service) loadFolderStates(crawler string, in include) (folderStates, error) {
	m := folderStates{}
	err := s.store.Get(incrementalCollection, stateKey(crawler, in), &m)
	if err != nil && !errors.Is(err, store.ErrNotFound) {
		return nil, fmt.Errorf("read the state of crawler %s for %s: %w", crawler, in.url(in.Prefix), err)
	}
	return m, nil
}

func (s *Service) saveFolderStates(crawler string, in include, m folderStates) error {
	if err := s.store.Put(incrementalCollection, stateKey(crawler, in), m); err != nil {
		return fmt.Errorf("save the state of crawler %s for %s: %w", crawler, in.url(in.Prefix), err)
	}
	return nil
}
