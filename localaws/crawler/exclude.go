package crawler

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// excluder matches the objects that a target excludes.
type excluder []*regexp.Regexp

// newExcluder compiles glob patterns as defined in the Glue Developer Guide ("Include and exclude patterns" of the
// crawler properties). In glob libraries, ** matches several folders only as a whole path component, but the guide has
// the examples **.csv and myfolder**.
func newExcluder(patterns []string) (excluder, error) {
	var out excluder
	for _, p := range patterns {
		expr, err := globToRegexp(p)
		if err != nil {
			return nil, fmt.Errorf("exclude pattern %q: %w", p, err)
		}
		re, err := regexp.Compile(expr)
		if err != nil {
			return nil, fmt.Errorf("exclude pattern %q: %w", p, err)
		}
		out = append(out, re)
	}
	return out, nil
}

// excludes reports whether a path, relative to the include path, is excluded.
func (e excluder) excludes(path string) bool {
	for _, re := range e {
		if re.MatchString(path) {
			return true
		}
	}
	return false
}

func globToRegexp(glob string) (string, error) {
	var out strings.Builder
	out.WriteString(`(?s)\A`)
	inGroup := false
	for i := 0; i < len(glob); {
		switch c := glob[i]; {
		case strings.HasPrefix(glob[i:], "**"):
			out.WriteString(".*")
			i += 2
		case c == '*':
			out.WriteString("[^/]*")
			i++
		case c == '?':
			out.WriteString("[^/]")
			i++
		case c == '[':
			class, n, err := bracket(glob[i:])
			if err != nil {
				return "", err
			}
			out.WriteString(class)
			i += n
		case c == '\\' && i+1 < len(glob):
			out.WriteString(regexp.QuoteMeta(glob[i+1 : i+2]))
			i += 2
		case c == '{' && inGroup:
			return "", errors.New("groups cannot be nested")
		case c == '{':
			out.WriteString("(?:")
			inGroup = true
			i++
		case c == ',' && inGroup:
			out.WriteString("|")
			i++
		case c == '}' && inGroup:
			out.WriteString(")")
			inGroup = false
			i++
		default:
			// Copy all literal bytes together, so that multi-byte characters are not split.
			n := 1
			for i+n < len(glob) && !strings.ContainsRune(`*?[\{},`, rune(glob[i+n])) {
				n++
			}
			out.WriteString(regexp.QuoteMeta(glob[i : i+n]))
			i += n
		}
	}
	if inGroup {
		return "", errors.New("group { is not closed")
	}
	out.WriteString(`\z`)
	return out.String(), nil
}

// bracket translates the bracket expression at the start of glob, and returns its length in bytes. A negated expression
// does not match a slash.
func bracket(glob string) (class string, n int, err error) {
	end := strings.IndexByte(glob[1:], ']')
	if end < 0 {
		return "", 0, errors.New("bracket [ is not closed")
	}
	body := glob[1 : 1+end]
	set, negated := strings.CutPrefix(body, "!")
	if set == "" {
		return "", 0, fmt.Errorf("bracket [%s] is empty", body)
	}
	var out strings.Builder
	for i, r := range set {
		if r == '-' && i > 0 && i < len(set)-1 {
			out.WriteByte('-')
			continue
		}
		// A leading or trailing hyphen and * ? \ match themselves.
		out.WriteString(`\x{` + fmt.Sprintf("%x", r) + `}`)
	}
	if negated {
		return "[^/" + out.String() + "]", 2 + end, nil
	}
	return "[" + out.String() + "]", 2 + end, nil
}
