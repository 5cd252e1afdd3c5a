// Package eventfile reads event objects as the job does: it recognizes
// compression and encoding by the first bytes, and divides the text into values
// whatever separates them. It knows no AWS; schema.Contract says which values are
// events.
package eventfile

import (
	"errors"
	"io"
)

// Why a value cannot be read. The job gives the same reasons.
const (
	ReasonTooLong  = "line_too_long"
	ReasonCutShort = "cut_short"
)

const (
	// MaxLine is the size in bytes up to which a value can be an event.
	MaxLine = 1 << 20
	// Sample is how many bytes are kept of a value that cannot be read.
	Sample = 4 << 10

	maxLevels = 32 // A value that nests deeper cannot be an event.
)

// Value is one value of an event object, usually a line.
type Value struct {
	Number int // From 1.
	// Text is the whole value. With a Reason it is only the first Sample bytes.
	Text   []byte
	Reason string
	Size   int // Bytes.
}

var errCutShort = errors.New("the compressed data ends early or is damaged")

// Read visits the values of an event object in order. Damage to the data becomes
// a last value with ReasonCutShort; an error of in itself ends the reading. A
// value is valid during the visit only.
func Read(in io.Reader, visit func(Value) error) error {
	source := &errorKeeper{in: in}
	f := &framer{in: decoded(decompressed(source)), visit: visit}
	err := f.run()
	if source.err != nil && (err == nil || errors.Is(err, errCutShort)) {
		return source.err // The connection broke; the object may be whole.
	}
	if errors.Is(err, errCutShort) {
		return visit(f.rest())
	}
	return err
}

// errorKeeper remembers the error with which reading failed: a decompressor
// reports a broken connection as damaged data.
type errorKeeper struct {
	in  io.Reader
	err error
}

func (k *errorKeeper) Read(p []byte) (int, error) {
	n, err := k.in.Read(p)
	if err != nil && err != io.EOF {
		k.err = err
	}
	return n, err
}
