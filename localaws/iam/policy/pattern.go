package policy

import (
	"strings"
	"unicode"
)

// token is a character or wildcard of a pattern. A pattern is not a string, because a star or question mark is not a
// wildcard if it is a variable's value or written as ${*} or ${?}.
type token struct {
	char rune
	wild bool
}

func literal(text string) []token { return tokens(text, false) }

// wildcards returns a pattern in which * and ? are wildcards.
func wildcards(text string) []token { return tokens(text, true) }

func tokens(text string, wild bool) []token {
	list := make([]token, 0, len(text))
	for _, c := range text {
		list = append(list, token{c, wild && (c == '*' || c == '?')})
	}
	return list
}

// matches reports whether a pattern matches. It backtracks only to the last star.
func matches(pattern []token, text string) bool {
	runes := []rune(text)
	p, t, star, resume := 0, 0, -1, 0
	for t < len(runes) {
		switch {
		case p < len(pattern) && pattern[p].wild && pattern[p].char == '*':
			star, resume = p, t
			p++
		case p < len(pattern) && ((pattern[p].wild && pattern[p].char == '?') || (!pattern[p].wild && pattern[p].char == runes[t])):
			p++
			t++
		case star >= 0:
			resume++
			p, t = star+1, resume
		default:
			return false
		}
	}
	for p < len(pattern) && pattern[p].wild && pattern[p].char == '*' {
		p++
	}
	return p == len(pattern)
}

func matchesFold(pattern []token, text string) bool {
	folded := make([]token, len(pattern))
	for i, t := range pattern {
		folded[i] = token{unicode.ToLower(t.char), t.wild}
	}
	return matches(folded, strings.ToLower(text))
}

// expand replaces policy variables in a string. It returns false for a variable without a value or default, for which
// the string matches nothing.
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
func (s *Statement) expand(text string, wild bool, c Context) ([]token, bool) {
	if !s.variables {
		return tokens(text, wild), true
	}
	var list []token
	for {
		before, rest, found := strings.Cut(text, "${")
		name, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			return append(list, tokens(text, wild)...), true
		}
		list = append(list, tokens(before, wild)...)
		value, ok := variable(name, c)
		if !ok {
			return nil, false
		}
		list = append(list, literal(value)...)
		text = after
	}
}

// variable returns the value of the text between ${ and }: a condition key, optionally with a default in single
// quotes after a comma.
func variable(name string, c Context) (string, bool) {
	if name == "*" || name == "?" || name == "$" {
		return name, true
	}
	key, fallback, hasDefault := strings.Cut(name, ",")
	if values := c.get(strings.TrimSpace(key)); len(values) == 1 {
		return values[0], true
	}
	fallback = strings.TrimSpace(fallback)
	if !hasDefault || len(fallback) < 2 || fallback[0] != '\'' || fallback[len(fallback)-1] != '\'' {
		return "", false
	}
	return fallback[1 : len(fallback)-1], true
}

// splitARN splits a string at its first five colons outside of variables.
func splitARN(text string) []string {
	var parts []string
	start, depth := 0, 0
	for i := 0; i < len(text) && len(parts) < 5; i++ {
		switch {
		case strings.HasPrefix(text[i:], "${"):
			depth++
		case text[i] == '}' && depth > 0:
			depth--
		case text[i] == ':' && depth == 0:
			parts = append(parts, text[start:i])
			start = i + 1
		}
	}
	return append(parts, text[start:])
}
