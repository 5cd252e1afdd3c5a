package awsmodel

import (
	"regexp"
	"strings"
)

// pattern is a Java regular expression that a whole value has to match.
type pattern struct {
	text string
	// expression is nil if Go cannot express the pattern.
	expression *regexp.Regexp
}

var (
	// A pair of surrogates as in \uD800\uDC00-\uDBFF\uDFFF matches code points beyond 16 bits.
	surrogates = regexp.MustCompile(`\\uD800\\uDC00-\\uDBFF\\uDFFF`)
	// One model writes it this way; it means the same.
	beyond  = regexp.MustCompile(`\\u10000-\\u10FFFF`)
	unicode = regexp.MustCompile(`\\u([0-9A-Fa-f]{4})`)
	// Go repeats a thousand times at most. The shape's length limits apply anyway.
	longRepeat = regexp.MustCompile(`\{(\d+),[1-9]\d{3,}\}`)
)

// translate converts a Java pattern to Go.
func translate(java string) pattern {
	text := surrogates.ReplaceAllString(java, `\x{10000}-\x{10FFFF}`)
	text = beyond.ReplaceAllString(text, `\x{10000}-\x{10FFFF}`)
	text = unicode.ReplaceAllString(text, `\x{$1}`)
	text = longRepeat.ReplaceAllString(text, `{$1,}`)
	text = strings.ReplaceAll(text, `\Z`, `\z`)
	expression, err := regexp.Compile(`\A(?:` + text + `)\z`)
	if err != nil {
		return pattern{text: java}
	}
	return pattern{text: java, expression: expression}
}

// matches reports whether the value matches. A pattern that Go cannot express matches everything.
func (p *pattern) matches(value string) bool {
	return p.expression == nil || p.expression.MatchString(value)
}

// regex returns the shape's pattern, or nil.
func (s *shape) regex() *pattern {
	if s.Pattern == "" {
		return nil
	}
	s.compile.Do(func() {
		p := translate(s.Pattern)
		s.pattern = &p
	})
	return s.pattern
}
