package eventfile

import (
	"bytes"
	"errors"
)

// valueState follows a value byte by byte to find its end.
type valueState struct {
	open            []byte // Brackets that are open.
	last            byte   // Last character that is not white space.
	quoted, escaped bool
	severalLines    bool
}

type progress int

const (
	more progress = iota
	done
	broken
)

func (v *valueState) step(c byte) progress {
	p := more
	switch {
	case c == '\n':
		if v.quoted || len(v.open) > maxLevels {
			return broken
		}
		v.severalLines = true
	case v.escaped:
		v.escaped = false
	case v.quoted:
		v.escaped, v.quoted = c == '\\', c != '"'
	case c == '"':
		v.quoted = true
	case c == '{' || c == '[':
		if !v.mayOpen() {
			return broken
		}
		v.open = append(v.open, c)
	case c == '}' || c == ']':
		opening := byte('{')
		if c == ']' {
			opening = '['
		}
		if v.innermost() != opening {
			return broken
		}
		v.open = v.open[:len(v.open)-1]
		if len(v.open) == 0 {
			p = done
		}
	}
	if c != ' ' && c != '\t' && c != '\r' && c != '\n' {
		v.last = c
	}
	return p
}

func (v *valueState) innermost() byte {
	if len(v.open) == 0 {
		return 0
	}
	return v.open[len(v.open)-1]
}

// mayOpen reports whether an object or array can begin here.
func (v *valueState) mayOpen() bool {
	switch v.innermost() {
	case '{':
		if v.last != ':' {
			return false
		}
	case '[':
		if v.last != ',' && v.last != '[' {
			return false
		}
	}
	return !v.severalLines || len(v.open) < maxLevels
}

// value consumes the object that begins at a place.
func (f *framer) value(at int) error {
	var v valueState
	var kept []byte
	for i := at; ; i++ {
		c, err := f.at(i)
		if errors.Is(err, errTextEnds) { // The extra line feed is inside the value.
			if i+f.dropped > MaxLine {
				if kept == nil {
					kept = f.buf[:min(len(f.buf), Sample)]
				}
				return f.addLong(kept, f.dropped+i-1, i)
			}
			return f.restOfLine(at)
		}
		if err != nil {
			return err
		}
		p := v.step(c)
		long := f.dropped+i > MaxLine
		switch {
		case p == done && f.dropped+i+1 > MaxLine:
			if kept == nil {
				kept = f.buf[:Sample]
			}
			return f.addLong(kept, f.dropped+i+1, i+1)
		case p == done:
			return f.followed(at, i+1)
		case p == broken && long:
			return f.restOfLong(kept, i)
		case p == broken:
			return f.restOfLine(at)
		case long && len(f.buf) > 2*MaxLine:
			if kept == nil {
				kept = bytes.Clone(f.buf[:Sample])
			}
			f.dropped += i + 1
			f.drop(i + 1)
			i = -1
		}
	}
}

// restOfLong consumes a long value that is broken at i, and the rest of its line.
func (f *framer) restOfLong(kept []byte, i int) error {
	if kept == nil {
		return f.restOfLine(i)
	}
	for ; ; i++ {
		c, err := f.at(i)
		if err != nil {
			return err
		}
		if c == '\n' {
			return f.line(kept, i)
		}
		f.dropped += i
		f.drop(i)
		i = 0
	}
}

// followed consumes a value if what follows it is a valid separator, else the
// whole line.
func (f *framer) followed(start, end int) error {
	after := end
	for {
		n, err := f.blank(after)
		if err != nil {
			return err
		}
		if n == 0 {
			break
		}
		if after += n; after-end > MaxLine {
			return f.add(start, end)
		}
	}
	c, err := f.at(after)
	switch {
	case err != nil:
		return err
	case c == '\n' && f.lead:
		return f.line(nil, after)
	case c == '\n':
		if err := f.add(start, end); err != nil {
			return err
		}
		f.endLine(after - end)
		return nil
	case bytes.IndexByte([]byte(",{[]"), c) >= 0:
		return f.add(start, end)
	}
	return f.restOfLine(after)
}
