package verify

import (
	"crypto/sha256"
	"encoding/binary"
	"sort"

	"store-events/ops/internal/eventfile"
)

// invalidRun is a sequence of equal invalid lines of an object, ignoring valid lines
// between them. The job stores them as one entry.
type invalidRun struct {
	first, last, count int
	// hash covers the size and the beginning of the line. It is not compared for
	// entries without the line (notKept), nor for lines that damage cuts off (cut),
	// because decompressors return different numbers of bytes before the damage.
	hash         [16]byte
	cut, notKept bool
	beginning    string
	matched      int // How many of the lines are in quarantine.
}

// invalidLines are the invalid lines of an object and the quarantine entries of its version.
type invalidLines struct{ lines, entries []invalidRun }

// Entry is an entry of the quarantine.
type Entry struct {
	eventfile.Value     // First line that the entry represents.
	Last, Lines     int // Last line, and how many there are; 0 for only one.
	NotKept         bool
	Continues       bool // Continues the line of another entry.
}

func (e Entry) run() invalidRun {
	if e.Size == 0 {
		e.Size = len(e.Text)
	}
	r := newInvalidRun(e.Value)
	r.last, r.count, r.notKept = max(e.Number, e.Last), max(e.Lines, 1), e.NotKept
	return r
}

func newInvalidRun(v eventfile.Value) invalidRun {
	r := invalidRun{first: v.Number, last: v.Number, count: 1, cut: v.Reason == eventfile.ReasonCutShort, beginning: Beginning(v.Text)}
	if !r.cut {
		hash := sha256.New()
		hash.Write(binary.BigEndian.AppendUint64(nil, uint64(v.Size))) //nolint:gosec // A size is not negative.
		hash.Write(v.Text[:min(len(v.Text), eventfile.Sample)])
		r.hash = [16]byte(hash.Sum(nil))
	}
	return r
}

// join appends a run, or extends the last one if the lines are equal.
func join(runs []invalidRun, r invalidRun) []invalidRun {
	if n := len(runs); n > 0 && runs[n-1].hash == r.hash && !r.cut {
		runs[n-1].last = r.last
		runs[n-1].count += r.count
		return runs
	}
	return append(runs, r)
}

// compare finds lines without an entry and entries without a line.
func (b *invalidLines) compare(result *Result, object string) {
	// Entries that contain their lines are matched first, then the others.
	for _, notKept := range []bool{false, true} {
		for _, e := range b.entries {
			if e.notKept != notKept {
				continue
			}
			result.SurplusQuarantine.addMany(Finding{Key: e.beginning, Object: object, Line: e.first}, b.match(e))
		}
	}
	for _, r := range b.lines {
		line := r.first
		if r.matched > 0 { // The first lines have an entry.
			line = r.last
		}
		result.MissingQuarantine.addMany(Finding{Key: r.beginning, Object: object, Line: line}, r.count-r.matched)
	}
}

// match assigns lines of the object to an entry, and returns how many lines are missing.
func (b *invalidLines) match(e invalidRun) (left int) {
	left = e.count
	candidates := b.candidates(e)
	for i := range candidates {
		r := &candidates[i]
		same := r.cut == e.cut && r.hash == e.hash && (e.cut || r.first <= e.first && e.last <= r.last)
		if e.notKept || same {
			n := min(left, r.count-r.matched)
			r.matched += n
			left -= n
		}
	}
	return left
}

// candidates returns the lines that may belong to an entry. Lines are sorted and do not
// overlap, and only the last one can be cut off, at any position.
func (b *invalidLines) candidates(e invalidRun) []invalidRun {
	if e.cut {
		return b.lines[max(len(b.lines)-1, 0):]
	}
	from := sort.Search(len(b.lines), func(i int) bool { return b.lines[i].last >= e.first })
	to := sort.Search(len(b.lines), func(i int) bool { return b.lines[i].first > e.last })
	return b.lines[from:to]
}
