package ops

import (
	"crypto/sha256"
	"encoding/binary"
)

// badRun are invalid lines of an object that are equal and follow each other,
// apart from valid ones: those that the job keeps as one entry.
type badRun struct {
	first, last, count int
	// hash is of the size and the beginning of each line. It is not
	// compared where notKept says that an entry has no line, nor of a line that
	// damage cuts: decompressors give more or fewer bytes before it.
	hash         [16]byte
	cut, notKept bool
	beginning    string
	matched      int // How many of the lines the quarantine has.
}

// badLines are the invalid lines of an object, and what the quarantine has of
// its version.
type badLines struct{ lines, entries []badRun }

func newBadRun(number int, reason string, text []byte, size int) badRun {
	r := badRun{first: number, last: number, count: 1, cut: reason == reasonCutShort, beginning: beginning(text)}
	if !r.cut {
		hash := sha256.New()
		hash.Write(binary.BigEndian.AppendUint64(nil, uint64(size))) //nolint:gosec // A size is not negative.
		hash.Write(text[:min(len(text), sample)])
		r.hash = [16]byte(hash.Sum(nil))
	}
	return r
}

// entryOf is what an entry stands for, and whether it counts: of a line in
// several parts only the first one does.
func entryOf(e QuarantineEntry) (badRun, bool) {
	if e.Part > 1 {
		return badRun{}, false
	}
	raw := e.Raw()
	size := e.Bytes
	if size == 0 {
		size = len(raw)
	}
	r := newBadRun(e.Number, e.Reason, raw, size)
	r.last, r.count, r.notKept = max(e.Number, e.Last), max(e.Lines, 1), e.Reason == reasonNotKept
	return r, true
}

// join adds a run to the ones before it.
func join(runs []badRun, r badRun) []badRun {
	if n := len(runs); n > 0 && runs[n-1].hash == r.hash && !r.cut {
		runs[n-1].last = r.last
		runs[n-1].count += r.count
		return runs
	}
	return append(runs, r)
}

// compare finds lines without an entry and entries without a line.
func (b *badLines) compare(v *Verification, object string) {
	for _, kept := range []bool{true, false} { // Entries that name their lines first: the others take what is left.
		for _, e := range b.entries {
			if e.notKept == kept {
				continue
			}
			if left := b.match(e); left > 0 {
				v.SurplusQuarantine.addAll(Finding{Key: e.beginning, Object: object, Line: e.first}, left)
			}
		}
	}
	for _, r := range b.lines {
		at := r.first
		if r.matched > 0 { // The first ones are there.
			at = r.last
		}
		v.MissingQuarantine.addAll(Finding{Key: r.beginning, Object: object, Line: at}, r.count-r.matched)
	}
}

// match takes the lines of an entry from those of the object; how many there
// are not.
func (b *badLines) match(e badRun) (left int) {
	left = e.count
	for i := range b.lines {
		r := &b.lines[i]
		same := r.cut == e.cut && r.hash == e.hash && (e.cut || r.first <= e.first && e.last <= r.last)
		if e.notKept {
			same = r.first <= e.last && e.first <= r.last
		}
		if same {
			n := min(left, r.count-r.matched)
			r.matched += n
			left -= n
		}
	}
	return left
}
