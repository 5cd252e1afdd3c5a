package verify

import (
	"encoding/hex"
	"iter"
	"strings"
)

// sighting is where a key was seen. objects counts from 1; object and line are
// those of the first event in S3 with the key.
type sighting struct {
	object, line int32
	// hashes is the hash of the first row, combined with that of the first Parquet
	// row: 0 once both are added and are equal.
	hashes            uint64
	rows, parquet     uint16 // Counted up to 65,535.
	earlier           bool   // The batch of the row may be one of objects that S3 no longer has.
	endsDamagedObject bool   // The job may have read the key from the end of a damaged object.
}

// keys holds what was seen of each key. Keys are UUIDs as a rule: without a string and
// its pointer, a map takes half of the memory for them, and the garbage collector need
// not look into it.
type keys struct {
	uuids  map[[16]byte]sighting
	others map[string]sighting
}

func newKeys() keys { return keys{map[[16]byte]sighting{}, map[string]sighting{}} }

// change changes what was seen of a key, a zero value for nothing so far.
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

// pack returns the bytes of a UUID in its usual form, which unpack gives back.
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
