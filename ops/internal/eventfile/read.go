// Package eventfile reads event objects as the job does: it recognizes
// compression and encoding by the first bytes, and splits the text into values,
// with any separators. It does not depend on AWS. schema.Contract decides which
// values are events.
package eventfile

import (
	"errors"
	"io"
)

// Reasons why a value cannot be read. The job uses the same ones.
const (
	ReasonTooLong  = "line_too_long"
	ReasonCutShort = "cut_short"
)

const (
	// MaxLine is the maximum size of an event in bytes.
	MaxLine = 1 << 20
	// Sample is how many bytes of an unreadable value are kept.
	Sample = 4 << 10

	maxLevels = 32 // Maximum nesting of an event.
)

// Value is one value of an event object, usually a line.
type Value struct {
	Number int // From 1.
	// Text is the whole value, or its first Sample bytes if it has a Reason.
	Text   []byte
	Reason string
	Size   int // Bytes.
}

var errCutShort = errors.New("the compressed data ends early or is damaged")

// Read visits the values of an event object in order. Damaged data results in
// a last value with ReasonCutShort; Read returns errors of in. A value is valid
// only until visit returns.
func Read(in io.Reader, visit func(Value) error) error {
	source := &errorKeeper{in: in}
	f := &framer{in: decoded(decompressed(source)), visit: visit}
	err := f.run()
	if source.err != nil && (err == nil || errors.Is(err, errCutShort)) {
		return source.err // A network error; the object may be intact.
	}
	if errors.Is(err, errCutShort) {
		return visit(f.rest())
	}
	return err
}

// errorKeeper stores the error of the underlying reader: decompressors report
// network errors as damaged data.
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
