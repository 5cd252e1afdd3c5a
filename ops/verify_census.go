package ops

import (
	"strings"
	"sync"

	"store-events/schema"
)

// census gathers where every event was seen. Its memory grows with the number
// of keys and of invalid lines, not with their size.
type census struct {
	job      jobSettings
	fields   []schema.Field // That table and Parquet are compared by.
	mu       sync.Mutex
	result   Verification
	objects  []string
	versions map[string]string // The current version of each object.
	keys     map[string]*sighting
	bad      map[string]*badLines // By object.
	// earlier reports whether a batch may hold rows that are in no object
	// any more.
	earlier func(batch int64) bool
}

// sighting is where a key was seen, and first in S3: objects counts from 1.
type sighting struct {
	object, line      int32
	rows, parquet     int32
	batch             int64 // Of the row.
	values, inParquet uint64
	atDamage          bool // At the very end of what is left of a damaged object.
}

func newCensus(job jobSettings) *census {
	return &census{
		job:      job,
		versions: map[string]string{}, keys: map[string]*sighting{}, bad: map[string]*badLines{},
		earlier: func(int64) bool { return false },
	}
}

// object adds what one event object holds.
func (c *census) object(s scan) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.objects = append(c.objects, s.object)
	c.versions[s.object] = s.version
	c.result.Objects++
	c.result.Lines += len(s.keys)
	for _, k := range s.keys {
		at := c.at(k.key)
		if at.object != 0 {
			c.result.Duplicates++
			continue
		}
		c.result.Events++
		at.object, at.line = int32(len(c.objects)), int32(k.line) //nolint:gosec // Far below the limits.
	}
	if s.whole != "" {
		c.at(s.whole).atDamage = true
	}
	for _, b := range s.bad {
		c.result.Lines += b.count
		c.result.Invalid += b.count
	}
	if len(s.bad) > 0 {
		c.badOf(s.object).lines = s.bad
	}
}

func (c *census) at(key string) *sighting {
	s := c.keys[key]
	if s == nil {
		s = &sighting{}
		c.keys[key] = s
	}
	return s
}

// unread adds an object that cannot be read now. What was loaded of it before
// counts as that of objects that are no more.
func (c *census) unread(object, reason string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.result.Unread.add(Finding{Key: reason, Object: object})
	if c.result.UnreadReasons == nil {
		c.result.UnreadReasons = map[string]int{}
	}
	c.result.UnreadReasons[reason]++
}

func (c *census) badOf(object string) *badLines {
	b := c.bad[object]
	if b == nil {
		b = &badLines{}
		c.bad[object] = b
	}
	return b
}

// beginning is enough of a line to recognise it.
func beginning(line []byte) string {
	const most = 80
	if len(line) > most {
		return strings.ToValidUTF8(string(line[:most]), "") + "…"
	}
	return strings.ToValidUTF8(string(line), "\ufffd")
}

// quarantined adds one entry of the quarantine, of a version of an object.
func (c *census) quarantined(q quarantined, e QuarantineEntry) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.versions[q.object] != q.version {
		c.result.EarlierQuarantine++
		return
	}
	if entry, counts := entryOf(e); counts {
		c.result.Quarantined += entry.count
		b := c.badOf(q.object)
		b.entries = append(b.entries, entry)
	}
}

// row adds one row of the target table, parquet one of the Parquet.
func (c *census) row(key string, batch int64, values uint64) {
	c.result.Rows++
	at := c.at(key)
	at.rows++
	at.batch, at.values = batch, values
}

func (c *census) parquet(key string, values uint64) {
	c.result.ParquetRows++
	at := c.at(key)
	at.parquet++
	at.inParquet = values
}
