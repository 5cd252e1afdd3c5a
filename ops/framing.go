package ops

import (
	"bytes"
	"errors"
	"io"
)

// Why a value cannot be read as one; the job gives the same reasons.
const (
	reasonTooLong  = "line_too_long"
	reasonCutShort = "cut_short"
)

const (
	maxLine   = 1 << 20 // Bytes; a longer value is not an event.
	maxLevels = 32      // Of a value that goes over several lines.
	sample    = 4 << 10 // Bytes that are kept of a value that cannot be read.
)

// sourceLine is a value of an event object, a line as a rule, by its number.
// Where a reason is set, text is only the beginning of size bytes.
type sourceLine struct {
	number int
	text   []byte
	reason string
	size   int
}

// framer cuts text into values by the rules of the job's framing.py. It holds
// the text from the beginning of the next value, or of its line.
type framer struct {
	in    io.Reader
	visit func(sourceLine) error

	buf     []byte
	dropped int // Bytes of a long value that are not in buf any more.
	end     error
	number  int
	// lead says that only white space was in this line, counted that a value has
	// ended in it.
	lead, counted, array bool
}

var errTextEnds = errors.New("the text ends")

// run visits all values. errCutShort says that the text is damaged behind them.
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

// cut is what there is of a value that damage ends.
func (f *framer) cut() sourceLine {
	return sourceLine{f.number + 1, f.buf[:min(len(f.buf), sample)], reasonCutShort, len(f.buf) + f.dropped}
}

// at is the byte at i of the text that is held. A line feed is put behind the
// end of the text; behind that is errTextEnds.
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

// next takes what begins at the text's first byte.
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
		if at += n; !f.lead || at > maxLine {
			f.lead = false
			f.drop(at)
			at = 0
		}
	}
	c, err := f.at(at)
	if err != nil {
		return err
	}
	switch {
	case c == ',' || c == '[' || c == ']':
		f.lead = false
		f.array = c == '[' || f.array && c == ','
		f.drop(at + 1)
		return nil
	case c == '\n':
		f.endLine(at)
		return nil
	case c == '{':
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

// blank is how many bytes of white space begin at i, of one kind.
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

// scalar is the end of a number, literal or string of an array, 0 if there is
// none.
func (f *framer) scalar(at int) (int, error) {
	end, quoted := at, false
	for ; ; end++ {
		c, err := f.at(end)
		if err != nil {
			return 0, err
		}
		if end-at > maxLine || quoted && c == '\n' {
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
	if end == at || end-at > maxLine {
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

// add visits a value and goes on behind it.
func (f *framer) add(start, end int) error {
	f.number++
	f.lead, f.counted = false, true
	err := f.visit(sourceLine{number: f.number, text: f.buf[start:end], size: end - start})
	f.drop(end)
	return err
}

// addLong visits what is too long; size is that of all of it, end where it ends
// in the text that is held.
func (f *framer) addLong(kept []byte, size, end int) error {
	f.number++
	f.lead, f.counted = false, true
	err := f.visit(sourceLine{f.number, kept, reasonTooLong, size})
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

// restOfLine takes the text up to the first end of a line from behind on.
func (f *framer) restOfLine(behind int) error {
	var kept []byte
	for i := behind; ; i++ {
		c, err := f.at(i)
		if err != nil {
			return err
		}
		if c == '\n' {
			return f.line(kept, i)
		}
		if i > maxLine && len(f.buf) > 2*maxLine {
			if kept == nil {
				kept = bytes.Clone(f.buf[:sample])
			}
			f.dropped += i
			f.drop(i)
			i = 0
		}
	}
}

// line takes the text up to end, and the line feed there. kept is the beginning
// where some of it was dropped.
func (f *framer) line(kept []byte, end int) error {
	size := f.dropped + end
	if kept == nil {
		kept = f.buf[:min(end, sample)]
	}
	var err error
	if size > maxLine {
		err = f.addLong(kept, size, end)
	} else {
		err = f.add(0, end)
	}
	f.endLine(0)
	return err
}
