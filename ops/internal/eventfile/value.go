package eventfile

import (
	"bytes"
	"errors"
)

// valueState is the state of a scan for the end of a value.
type valueState struct {
	open            []byte // Brackets that are open.
	last            byte   // Last character that is not white space.
	quoted, escaped bool
	severalLines    bool

	// counting is set once the value is too long or too deep for an event. The
	// rest is only scanned for strings and braces, as in the job, for which
	// everything else would be too slow.
	counting bool
	levels   int // How many braces are open.
}

type progress int

const (
	more progress = iota
	done
	broken
)

func (v *valueState) step(c byte) progress {
	if v.counting {
		return v.count(c)
	}
	p := more
	switch {
	case c == '\n':
		if v.quoted {
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
		if len(v.open) > maxLevels {
			v.onlyCount()
		}
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

func (v *valueState) onlyCount() {
	if !v.counting {
		v.counting, v.levels = true, bytes.Count(v.open, []byte("{"))
	}
}

func (v *valueState) count(c byte) progress {
	switch {
	case c == '\n':
		return broken
	case v.escaped:
		v.escaped = false
	case c == '\\':
		v.escaped = true
	case c == '"':
		v.quoted = !v.quoted
	case v.quoted:
	case c == '{':
		v.levels++
	case c == '}':
		v.levels--
		if v.levels == 0 {
			return done
		}
	}
	return more
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

// value consumes the object that begins at a position.
func (f *framer) value(at int) error {
	var v valueState
	var kept []byte
	for i := at; ; i++ {
		c, err := f.at(i)
		if errors.Is(err, errTextEnds) { // The extra line feed is inside the value.
			return f.restOfLine(at)
		}
		if err != nil {
			return err
		}
		if f.dropped+i == MaxLine {
			if v.severalLines {
				return f.restOfLine(at)
			}
			v.onlyCount()
		}
		p := v.step(c)
		long := f.dropped+i >= MaxLine
		switch {
		case p == done && long:
			if kept == nil {
				kept = f.buf[:Sample]
			}
			return f.addLong(kept, f.dropped+i+1, i+1)
		case p == done:
			return f.followed(at, i+1)
		case p == broken && kept != nil: // The line feed at i has ended it.
			return f.line(kept, i)
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

// followed consumes a value if a valid separator follows, and otherwise the whole line.
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
