package verify

import (
	"math"
	"strings"
	"sync"
)

// Index records where each event was seen. Its memory grows with the number of
// keys and of invalid lines, but not with their size. Adding objects and
// quarantine entries is safe for concurrent use.
type Index struct {
	// Result is the result so far. Compare completes it.
	Result Result
	// IsEarlier reports whether a batch may contain rows of objects that no longer
	// exist in S3. AddRow calls it.
	IsEarlier func(batch int64) bool

	mu       sync.Mutex
	objects  []string
	versions map[string]string // Current version of each object.
	keys     keys
	invalid  map[string]*invalidLines // By object.
}

// NewIndex returns an empty index.
func NewIndex() *Index {
	return &Index{
		versions: map[string]string{}, keys: newKeys(), invalid: map[string]*invalidLines{},
		IsEarlier: func(int64) bool { return false },
	}
}

// AddObject adds the content of an event object.
func (x *Index) AddObject(o Object) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.objects = append(x.objects, o.Key)
	x.versions[o.Key] = o.Version
	x.Result.Objects++
	x.Result.Lines += len(o.events)
	for _, e := range o.events {
		x.keys.change(e.key, func(at *sighting) {
			if at.object != 0 {
				x.Result.Duplicates++
				return
			}
			x.Result.Events++
			at.object, at.line = int32(len(x.objects)), int32(e.line) //nolint:gosec // Far below the limits.
		})
	}
	for _, key := range o.uncertain {
		x.keys.change(key, func(at *sighting) { at.uncertain = true })
	}
	for _, b := range o.invalid {
		x.Result.Lines += b.count
		x.Result.Invalid += b.count
	}
	if len(o.invalid) > 0 {
		x.invalidOf(o.Key).lines = o.invalid
	}
}

func (x *Index) invalidOf(object string) *invalidLines {
	b := x.invalid[object]
	if b == nil {
		b = &invalidLines{}
		x.invalid[object] = b
	}
	return b
}

// AddUnread adds an object that cannot be read now. Its loaded rows count as earlier ones.
func (x *Index) AddUnread(object, reason string) {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.Result.Unread.Add(Finding{Key: reason, Object: object})
	if x.Result.UnreadReasons == nil {
		x.Result.UnreadReasons = map[string]int{}
	}
	x.Result.UnreadReasons[reason]++
}

// AddForeign adds an object below curated/ or quarantine/ that the job did not
// write. It is a difference only if Athena reads it.
func (x *Index) AddForeign(f Finding, read bool) {
	if read {
		x.Result.ForeignObjects.Add(f)
	} else {
		x.Result.PassedOver.Add(f)
	}
}

// AddEntry adds a quarantine entry of a version of an object.
func (x *Index) AddEntry(object, version string, e Entry) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.versions[object] != version {
		x.Result.EarlierQuarantine++
		return
	}
	if e.Continues {
		return
	}
	run := e.run()
	x.Result.Quarantined += run.count
	b := x.invalidOf(object)
	b.entries = append(b.entries, run)
}

// IsCurrent reports whether a version of an object is the current one in S3.
func (x *Index) IsCurrent(object, version string) bool { return x.versions[object] == version }

// AddRow adds a row of the target table, with the hash of its values.
func (x *Index) AddRow(key string, batch int64, hash uint64) {
	x.Result.Rows++
	x.keys.change(key, func(at *sighting) {
		if at.rows == 0 {
			at.hashes ^= hash
		}
		at.rows += min(1, math.MaxUint16-at.rows)
		at.earlier = x.IsEarlier(batch)
	})
}

// AddParquet adds a row of the Parquet, with the hash of its values.
func (x *Index) AddParquet(key string, hash uint64) {
	x.Result.ParquetRows++
	x.keys.change(key, func(at *sighting) {
		if at.parquet == 0 {
			at.hashes ^= hash
		}
		at.parquet += min(1, math.MaxUint16-at.parquet)
	})
}

// WithoutRow returns the keys of the events in S3 that have no row so far.
func (x *Index) WithoutRow() []string {
	var without []string
	for key, at := range x.keys.all() {
		if at.object != 0 && at.rows == 0 {
			without = append(without, key)
		}
	}
	return without
}

// Beginning returns enough of a line to recognize it.
func Beginning(line []byte) string {
	const limit = 80
	if len(line) > limit {
		return strings.ToValidUTF8(string(line[:limit]), "") + "…"
	}
	return strings.ToValidUTF8(string(line), "\ufffd")
}
