package verify

import (
	"encoding/hex"
	"iter"
	"strings"
)

// sighting records where a key was seen. object, which counts from 1, and line are
// the location of the first event in S3 with the key.
type sighting struct {
	object, line int32
	// hashes is the XOR of the hashes of the first row and the first Parquet row: 0
	// once both are added and equal.
	hashes        uint64
	rows, parquet uint16 // Counted up to 65,535.
	earlier       bool   // The row's batch may be of objects that no longer exist in S3.
	uncertain     bool   // See Object.
}

// keys stores the sighting of each key. Most keys are UUIDs: as arrays instead of strings,
// they need half the memory in a map, and the garbage collector does not have to scan it.
type keys struct {
	uuids  map[[16]byte]sighting
	others map[string]sighting
}

func newKeys() keys { return keys{map[[16]byte]sighting{}, map[string]sighting{}} }

// change updates the sighting of a key, which is zero at first.
func (k keys) change(key string, change func(*sighting)) {
	if id, ok := pack(key); ok {
		s := k.uuids[id]
		change(&s)
		k.uuids[id] = s
		return
	}
	s := k.others[key]
	change(&s)
	k.others[key] = s
}

func (k keys) all() iter.Seq2[string, sighting] {
	return func(yield func(string, sighting) bool) {
		for id, s := range k.uuids {
			if !yield(unpack(id), s) {
				return
			}
		}
		for key, s := range k.others {
			if !yield(key, s) {
				return
			}
		}
	}
}

// pack returns the bytes of a UUID if it has the canonical form, which unpack restores.
func pack(key string) (id [16]byte, ok bool) {
	digits := strings.ReplaceAll(key, "-", "")
	if len(key) != 36 || len(digits) != 2*len(id) {
		return id, false
	}
	_, err := hex.Decode(id[:], []byte(digits))
	return id, err == nil && unpack(id) == key
}

func unpack(id [16]byte) string {
	text := make([]byte, 0, 36)
	for i, part := range [][]byte{id[:4], id[4:6], id[6:8], id[8:10], id[10:]} {
		if i > 0 {
			text = append(text, '-')
		}
		text = hex.AppendEncode(text, part)
	}
	return string(text)
}
