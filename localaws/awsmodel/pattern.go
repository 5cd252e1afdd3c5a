package awsmodel

import (
	"regexp"
	"strings"
)

// pattern is a Java regular expression that must match a whole value.
type pattern struct {
	text string
	// expression is nil if Go does not support the pattern.
	expression *regexp.Regexp
}

var (
	// A range of surrogate pairs, which matches code points above U+FFFF.
	surrogates = regexp.MustCompile(`\\uD800\\uDC00-\\uDBFF\\uDFFF`)
	// The same range as one model writes it.
	beyond  = regexp.MustCompile(`\\u10000-\\u10FFFF`)
	unicode = regexp.MustCompile(`\\u([0-9A-Fa-f]{4})`)
	// Go supports at most 1000 repetitions. The shape's length limits apply anyway.
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

// matches reports whether the value matches. A pattern that Go does not support matches everything.
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
