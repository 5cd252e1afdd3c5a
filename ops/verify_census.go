package ops

import (
	"crypto/sha256"
	"regexp"
	"strings"
	"sync"
)

// census gathers where every event was seen. Its memory grows with the number
// of keys and of invalid lines, not with their size.
type census struct {
	mu      sync.Mutex
	result  Verification
	objects []string
	keys    map[string]*sighting
	bad     map[badLine]*badSighting
}

// sighting is where a key was seen, and first in S3: objects counts from 1.
type sighting struct {
	object, line  int32
	rows, parquet int32
}

// badLine is an invalid line by what it says, not by its place: the quarantine
// holds no line numbers.
type badLine struct {
	object string
	hash   [16]byte
}

type badSighting struct {
	lines, entries int
	first          Finding
}

func newCensus() *census {
	return &census{keys: map[string]*sighting{}, bad: map[badLine]*badSighting{}}
}

// object adds what one event object holds.
func (c *census) object(s scan) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.objects = append(c.objects, s.object)
	c.result.Objects++
	c.result.Lines += len(s.keys) + len(s.bad)
	c.result.Invalid += len(s.bad)
	for _, k := range s.keys {
		at := c.at(k.key)
		if at.object != 0 {
			c.result.Duplicates++
			continue
		}
		c.result.Events++
		at.object, at.line = int32(len(c.objects)), int32(k.line) //nolint:gosec // Far below the limits.
	}
	for _, b := range s.bad {
		at := c.badAt(s.object, b.text)
		if at.lines == 0 {
			at.first.Line = b.line
		}
		at.lines++
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

func (c *census) badAt(object string, line []byte) *badSighting {
	sum := sha256.Sum256([]byte(asText(line)))
	id := badLine{object: object, hash: [16]byte(sum[:16])}
	b := c.bad[id]
	if b == nil {
		b = &badSighting{first: Finding{Key: beginning(line), Object: object}}
		c.bad[id] = b
	}
	return b
}

// asText is a line without what a reader on its way to the quarantine may
// change: white space and a byte order mark at its ends, and bytes that are no
// text, of which readers make different numbers of replacement characters.
func asText(line []byte) string {
	text := strings.TrimPrefix(string(line), "\ufeff")
	return replaced.ReplaceAllString(strings.ToValidUTF8(strings.Trim(text, " \t\r"), "\ufffd"), "\ufffd")
}

var replaced = regexp.MustCompile("\ufffd+")

// beginning is enough of a line to recognise it.
func beginning(line []byte) string {
	const most = 80
	if len(line) > most {
		return strings.ToValidUTF8(string(line[:most]), "") + "…"
	}
	return strings.ToValidUTF8(string(line), "\ufffd")
}

// quarantined adds one entry of the quarantine.
func (c *census) quarantined(object string, line []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.result.Quarantined++
	c.badAt(object, line).entries++
}

// row adds one row of the target table, parquet one of the Parquet.
func (c *census) row(key string) {
	c.result.Rows++
	c.at(key).rows++
}

func (c *census) parquet(key string) {
	c.result.ParquetRows++
	c.at(key).parquet++
}

func (c *census) compare() Verification {
	v := c.result
	for key, at := range c.keys {
		c.compareKey(&v, key, at)
	}
	for _, b := range c.bad {
		for range b.lines - b.entries {
			v.MissingQuarantine.add(b.first)
		}
		for range b.entries - b.lines {
			v.SurplusQuarantine.add(b.first)
		}
	}
	return v
}

func (c *census) compareKey(v *Verification, key string, at *sighting) {
	f := Finding{Key: key}
	if at.object != 0 {
		f.Object, f.Line = c.objects[at.object-1], int(at.line)
	}
	for _, k := range []struct {
		differs bool
		to      *Findings
	}{
		{at.object != 0 && at.rows == 0, &v.MissingRows},
		{at.object == 0 && at.rows != 0, &v.SurplusRows},
		{at.object != 0 && at.parquet == 0, &v.MissingParquet},
		{at.object == 0 && at.parquet != 0, &v.SurplusParquet},
	} {
		if k.differs {
			k.to.add(f)
		}
	}
	for range at.parquet - 1 {
		v.RepeatedParquet.add(f)
	}
}
