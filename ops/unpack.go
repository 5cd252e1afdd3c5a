package ops

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
)

// Why a line cannot be read as one; the job gives the same reasons.
const (
	reasonTooLong  = "line_too_long"
	reasonCutShort = "cut_short"
)

const (
	maxLine = 1 << 20 // Bytes; a longer line is no event.
	sample  = 4 << 10 // Bytes that are kept of a line that cannot be read.
)

// sourceLine is a line of an event object, by its number from 1 and without its
// line feed. Where a reason is set, text is only the beginning of size bytes.
type sourceLine struct {
	number int
	text   []byte
	reason string
	size   int
}

var errCutShort = errors.New("the compressed data ends early or is damaged")

// unpack visits the lines of an event object as the job reads them: gzip is
// told by its first bytes and not by the name, and damage to it is a line of
// its own, the last one. A line is valid during the visit only.
func unpack(in io.Reader, visit func(sourceLine) error) error {
	source := &noting{in: in}
	packed := bufio.NewReaderSize(source, 64<<10)
	var text io.Reader = packed
	if start, _ := packed.Peek(2); bytes.Equal(start, []byte("\x1f\x8b")) {
		text = &members{in: packed}
	}
	err := split(bufio.NewReaderSize(text, 64<<10), func(line sourceLine) error {
		if source.err != nil && line.reason == reasonCutShort {
			return source.err // The connection was cut, not the object.
		}
		return visit(line)
	})
	return err
}

// noting keeps the error with which reading failed.
type noting struct {
	in  io.Reader
	err error
}

func (n *noting) Read(p []byte) (int, error) {
	read, err := n.in.Read(p)
	if err != nil && err != io.EOF {
		n.err = err
	}
	return read, err
}

// members decompresses the members of a gzip file. Zeros after one are padding.
// https://www.rfc-editor.org/rfc/rfc1952#section-2.2
type members struct {
	in     *bufio.Reader
	member *gzip.Reader
}

func (m *members) Read(p []byte) (int, error) {
	if m.member == nil {
		if err := m.next(); err != nil {
			return 0, err
		}
	}
	n, err := m.member.Read(p)
	if errors.Is(err, io.EOF) {
		return n, m.next()
	}
	if err != nil {
		return n, errCutShort
	}
	return n, nil
}

// next opens the next member; io.EOF when there is none.
func (m *members) next() error {
	for {
		b, err := m.in.ReadByte()
		if err != nil {
			return err
		}
		if b == 0 {
			continue
		}
		if err := m.in.UnreadByte(); err != nil {
			return err
		}
		break
	}
	member, err := gzip.NewReader(m.in)
	if err != nil {
		return errCutShort
	}
	member.Multistream(false)
	m.member = member
	return nil
}

func split(in *bufio.Reader, visit func(sourceLine) error) error {
	for number := 1; ; number++ {
		text, size, end := readLine(in)
		if end != nil && !errors.Is(end, io.EOF) && !errors.Is(end, errCutShort) {
			return end
		}
		if errors.Is(end, io.EOF) && size == 0 {
			return nil
		}
		line := sourceLine{number: number, text: text, size: size}
		switch {
		case errors.Is(end, errCutShort):
			line.reason = reasonCutShort
		case size > maxLine:
			line.reason = reasonTooLong
		}
		if line.reason != "" {
			line.text = text[:min(len(text), sample)]
		}
		if err := visit(line); err != nil || end != nil {
			return err
		}
	}
}

// readLine reads up to the next line feed; of a line that is too long it gives
// the beginning. size is that of the line without its line feed.
func readLine(in *bufio.Reader) (text []byte, size int, end error) {
	for {
		part, err := in.ReadSlice('\n')
		size += len(part)
		if len(text) <= maxLine {
			text = append(text, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if err == nil {
			size--
			text = text[:min(size, len(text))]
		}
		return text, size, err
	}
}
