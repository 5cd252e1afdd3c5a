package ops

import (
	"bufio"
	"bytes"
	"compress/bzip2"
	"compress/gzip"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/klauspost/compress/zstd"
)

var errCutShort = errors.New("the compressed data ends early or is damaged")

// unpack visits the values of an event object as the job reads them: compression
// and UTF-16 are told by the first bytes and not by the name, and damage is a
// separate value, the last one. A value is valid during the visit only.
func unpack(in io.Reader, visit func(sourceLine) error) error {
	source := &noting{in: in}
	f := &framer{in: decoded(decompressed(source)), visit: visit}
	err := f.run()
	if source.err != nil && (err == nil || errors.Is(err, errCutShort)) {
		return source.err // The connection was cut, not the object.
	}
	if errors.Is(err, errCutShort) {
		return visit(f.cut())
	}
	return err
}

// decompressed reads gzip, zstd or bzip2, or anything else as it is.
func decompressed(in io.Reader) io.Reader {
	packed := bufio.NewReaderSize(in, 64<<10)
	start, _ := packed.Peek(10)
	switch {
	case bytes.HasPrefix(start, []byte("\x1f\x8b")):
		return &members{in: packed}
	case bytes.HasPrefix(start, []byte("\x28\xb5\x2f\xfd")):
		return &frames{in: packed}
	case isBzip2(start):
		return damaged{bzip2.NewReader(packed)}
	}
	return packed
}

// isBzip2 looks at the mark of the first block, or of the end, too: text may
// begin with BZh.
func isBzip2(start []byte) bool {
	if len(start) < 10 || !bytes.HasPrefix(start, []byte("BZh")) || start[3] < '1' || start[3] > '9' {
		return false
	}
	mark := string(start[4:])
	return mark == "\x31\x41\x59\x26\x53\x59" || mark == "\x17\x72\x45\x38\x50\x90"
}

// damaged gives errCutShort for any error.
type damaged struct{ in io.Reader }

func (d damaged) Read(p []byte) (int, error) {
	n, err := d.in.Read(p)
	if err != nil && err != io.EOF {
		err = errCutShort
	}
	return n, err
}

// frames decompresses the frames of a zstd file with at most 128 MiB of memory
// for its window, as the job does.
type frames struct {
	in      io.Reader
	decoder *zstd.Decoder
}

func (f *frames) Read(p []byte) (int, error) {
	if f.decoder == nil {
		var err error
		f.decoder, err = zstd.NewReader(f.in, zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(128<<20))
		if err != nil {
			return 0, errCutShort
		}
	}
	n, err := damaged{f.decoder}.Read(p)
	if err != nil {
		f.decoder.Close()
	}
	return n, err
}

// decoded reads UTF-16 with a byte order mark as UTF-8, or anything else as it
// is. Half a surrogate pair is written as three bytes that are not UTF-8.
func decoded(in io.Reader) io.Reader {
	text := bufio.NewReaderSize(in, 64<<10)
	start, err := text.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) { // The buffer forgets it.
		return io.MultiReader(bytes.NewReader(bytes.Clone(start)), failing{err})
	}
	switch string(start) {
	case "\xff\xfe":
		return &utf16Reader{in: text, order: binary.LittleEndian, first: true}
	case "\xfe\xff":
		return &utf16Reader{in: text, order: binary.BigEndian, first: true}
	}
	return text
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

type utf16Reader struct {
	in    *bufio.Reader
	order binary.ByteOrder
	first bool   // The mark is still to come.
	out   []byte // Decoded, and not read yet.
	err   error
}

func (u *utf16Reader) Read(p []byte) (int, error) {
	for len(u.out) == 0 && u.err == nil {
		u.fill()
	}
	n := copy(p, u.out)
	u.out = u.out[n:]
	if n == 0 {
		return 0, u.err
	}
	return n, nil
}

func (u *utf16Reader) fill() {
	out := make([]byte, 0, 4<<10)
	if u.first {
		_, _ = u.in.Discard(2)
		u.first = false
	}
	for len(out) < cap(out)-8 {
		unit, err := u.unit()
		if err != nil {
			u.err = err
			break
		}
		r := rune(unit)
		if utf16.IsSurrogate(r) {
			if next, err := u.in.Peek(2); err == nil {
				if pair := utf16.DecodeRune(r, rune(u.order.Uint16(next))); pair != utf8.RuneError {
					_, _ = u.in.Discard(2)
					out = utf8.AppendRune(out, pair)
					continue
				}
			}
			out = append(out, 0xe0|byte(r>>12), 0x80|byte(r>>6)&0xbf, 0x80|byte(r)&0xbf)
			continue
		}
		out = utf8.AppendRune(out, r)
	}
	u.out = out
}

// unit reads 16 bits.
func (u *utf16Reader) unit() (uint16, error) {
	var two [2]byte
	if _, err := io.ReadFull(u.in, two[:]); err != nil {
		if errors.Is(err, io.ErrUnexpectedEOF) {
			return 0, errCutShort
		}
		return 0, err
	}
	return u.order.Uint16(two[:]), nil
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
