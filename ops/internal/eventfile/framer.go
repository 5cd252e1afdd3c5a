package eventfile

import (
	"bytes"
	"errors"
	"io"
)

// framer splits text into values by the rules of the job's framing.py. It buffers
// the text from the beginning of the next value, or of that value's line.
type framer struct {
	in    io.Reader
	visit func(Value) error

	buf     []byte
	dropped int // Bytes of a long value that buf no longer contains.
	end     error
	number  int
	lead    bool // Only white space so far in this line.
	counted bool // A value has ended in this line.
	array   bool // The text is inside an array.
}

var errTextEnds = errors.New("the text ends")

// run visits all values. It returns errCutShort if the text after them is damaged.
func (f *framer) run() error {
	f.lead = true
	for {
		err := f.next()
		if errors.Is(err, errTextEnds) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// rest returns the part of a value before the damage.
func (f *framer) rest() Value {
	return Value{f.number + 1, f.buf[:min(len(f.buf), Sample)], ReasonCutShort, len(f.buf) + f.dropped}
}

// at returns byte i of the buffer, and reads more if necessary. The text ends
// with an extra line feed, followed by errTextEnds.
func (f *framer) at(i int) (byte, error) {
	for i >= len(f.buf) {
		if f.end != nil {
			return 0, f.end
		}
		f.fill()
	}
	return f.buf[i], nil
}

func (f *framer) fill() {
	const chunk = 64 << 10
	if cap(f.buf)-len(f.buf) < chunk {
		f.buf = append(make([]byte, 0, 2*len(f.buf)+2*chunk), f.buf...)
	}
	n, err := f.in.Read(f.buf[len(f.buf):cap(f.buf)])
	f.buf = f.buf[:len(f.buf)+n]
	switch {
	case errors.Is(err, io.EOF):
		f.end = errTextEnds
		f.buf = append(f.buf, '\n')
	case err != nil:
		f.end = err
	}
}

// next consumes the value, separator or blank line at the beginning of the text.
func (f *framer) next() error {
	at := 0
	for {
		n, err := f.blank(at)
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
		if at += n; !f.lead || at > MaxLine {
			f.lead = false
			f.drop(at)
			at = 0
		}
	}
	c, err := f.at(at)
	if err != nil {
		return err
	}
	switch c {
	case ',', '[', ']':
		f.lead = false
		f.array = c == '[' || f.array && c == ','
		f.drop(at + 1)
		return nil
	case '\n':
		f.endLine(at)
		return nil
	case '{':
		return f.value(at)
	}
	if f.array {
		if end, err := f.scalar(at); err != nil || end > 0 {
			if err != nil {
				return err
			}
			return f.add(at, end)
		}
	}
	return f.restOfLine(at)
}

// blank returns the size of the white space character or byte order mark at i, 0
// for anything else.
func (f *framer) blank(i int) (int, error) {
	c, err := f.at(i)
	if err != nil {
		return 0, err
	}
	if c == ' ' || c == '\t' || c == '\r' {
		return 1, nil
	}
	const mark = "\xef\xbb\xbf"
	for n := range len(mark) {
		if c, err := f.at(i + n); err != nil {
			if n > 0 && errors.Is(err, errTextEnds) {
				return 0, nil
			}
			return 0, err
		} else if c != mark[n] {
			return 0, nil
		}
	}
	return len(mark), nil
}

// scalar returns the end of the number, literal or string at a position in an array,
// 0 if there is none.
func (f *framer) scalar(at int) (int, error) {
	end, quoted := at, false
	for ; ; end++ {
		c, err := f.at(end)
		if err != nil {
			return 0, err
		}
		if end-at > MaxLine || quoted && c == '\n' {
			return 0, nil
		}
		if quoted && c == '\\' {
			if c, err = f.at(end + 1); err != nil {
				return 0, err
			}
			if c == '\n' {
				return 0, nil
			}
			end++
			continue
		}
		if c == '"' && (quoted || end == at) {
			if quoted {
				end++
				break
			}
			quoted = true
			continue
		}
		if !quoted && bytes.IndexByte([]byte(" \t\r\n\v\f,[]{}\":"), c) >= 0 {
			break
		}
	}
	if end == at || end-at > MaxLine {
		return 0, nil
	}
	for i := end; ; i++ {
		switch c, err := f.at(i); {
		case err != nil:
			return 0, err
		case c == ',' || c == ']' || c == '\n':
			return end, nil
		case c != ' ' && c != '\t' && c != '\r':
			return 0, nil
		}
	}
}

// add visits a value and continues after it.
func (f *framer) add(start, end int) error {
	f.number++
	f.lead, f.counted = false, true
	err := f.visit(Value{Number: f.number, Text: f.buf[start:end], Size: end - start})
	f.drop(end)
	return err
}

// addLong visits a value that is too long. size is its whole size, and end the
// position of its end in the buffer.
func (f *framer) addLong(kept []byte, size, end int) error {
	f.number++
	f.lead, f.counted = false, true
	err := f.visit(Value{f.number, kept, ReasonTooLong, size})
	f.drop(end)
	f.dropped = 0
	return err
}

func (f *framer) endLine(at int) {
	if !f.counted {
		f.number++
	}
	f.lead, f.counted = true, false
	f.drop(at + 1)
}

func (f *framer) drop(n int) { f.buf = f.buf[n:] }

// restOfLine consumes the text up to the first line feed at or after a position.
func (f *framer) restOfLine(from int) error {
	var kept []byte
	for i := from; ; i++ {
		c, err := f.at(i)
		if err != nil {
			return err
		}
		if c == '\n' {
			return f.line(kept, i)
		}
		if i > MaxLine && len(f.buf) > 2*MaxLine {
			if kept == nil {
				kept = bytes.Clone(f.buf[:Sample])
			}
			f.dropped += i
			f.drop(i)
			i = 0
		}
	}
}

// line consumes the text up to end, and the line feed there. kept is the beginning
// of a line that was partly dropped.
func (f *framer) line(kept []byte, end int) error {
	size := f.dropped + end
	if kept == nil {
		kept = f.buf[:min(end, Sample)]
	}
	var err error
	if size > MaxLine {
		err = f.addLong(kept, size, end)
	} else {
		err = f.add(0, end)
	}
	f.endLine(0)
	return err
}
