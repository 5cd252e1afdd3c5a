package observability

import (
	"regexp"
	"slices"
	"strings"
)

// filter is the list for a field in an event pattern: strings, and objects with comparison operators. See
// https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
type filter []any

// admits reports whether an element of the filter matches a string. Comparisons of numbers and addresses never match.
func (f filter) admits(text string) bool {
	return slices.ContainsFunc(f, func(member any) bool {
		switch member := member.(type) {
		case string:
			return member == text
		case map[string]any:
			for operator, operand := range member {
				return compares(operator, operand, text) // A comparison has one operator.
			}
		}
		return false
	})
}

// wildcard returns the regular expression for a pattern in which * matches any characters.
func wildcard(pattern string) *regexp.Regexp {
	return regexp.MustCompile("^" + strings.ReplaceAll(regexp.QuoteMeta(pattern), `\*`, ".*") + "$")
}

func compares(operator string, operand any, text string) bool {
	words, _ := operand.(string)
	switch operator {
	case "exists":
		return operand == true
	case "prefix":
		return strings.HasPrefix(text, words)
	case "suffix":
		return strings.HasSuffix(text, words)
	case "equals-ignore-case":
		return strings.EqualFold(text, words)
	case "wildcard":
		return wildcard(words).MatchString(text)
	case "anything-but":
		switch operand := operand.(type) {
		case string:
			return operand != text
		case []any:
			return !filter(operand).admits(text)
		case map[string]any:
			return !filter{operand}.admits(text)
		}
	}
	return false
}
