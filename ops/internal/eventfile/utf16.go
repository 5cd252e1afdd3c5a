package eventfile

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"unicode/utf16"
	"unicode/utf8"
)

// decoded converts UTF-16 with a byte order mark to UTF-8, and returns other data
// unchanged. An unpaired surrogate becomes three bytes of invalid UTF-8.
func decoded(in io.Reader) io.Reader {
	text := bufio.NewReaderSize(in, 64<<10)
	start, err := text.Peek(2)
	if err != nil && !errors.Is(err, io.EOF) { // The buffered reader returns its error only once.
		return io.MultiReader(bytes.NewReader(bytes.Clone(start)), errorReader{err})
	}
	switch string(start) {
	case "\xff\xfe":
		return &utf16Reader{in: text, order: binary.LittleEndian, first: true}
	case "\xfe\xff":
		return &utf16Reader{in: text, order: binary.BigEndian, first: true}
	}
	return text
}

type errorReader struct{ err error }

func (f errorReader) Read([]byte) (int, error) { return 0, f.err }

type utf16Reader struct {
	in    *bufio.Reader
	order binary.ByteOrder
	first bool   // The byte order mark has not been read yet.
	out   []byte // Decoded and not yet read.
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

// unit reads one code unit.
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
