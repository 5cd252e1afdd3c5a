package iampolicy

import "strings"

// Matches reports whether an IAM pattern (* for any string, ? for one character) matches s. It ignores case, as
// IAM does for actions.
func Matches(pattern, text string) bool {
	// Linear matching with one backtracking position, after the last star.
	var p, t, resume int
	star := -1
	for t < len(text) {
		switch {
		case p < len(pattern) && pattern[p] == '*':
			star, resume = p, t
			p++
		case p < len(pattern) && (pattern[p] == '?' || lower(pattern[p]) == lower(text[t])):
			p++
			t++
		case star >= 0:
			resume++
			p, t = star+1, resume
		default:
			return false
		}
	}
	return strings.Trim(pattern[p:], "*") == ""
}

// MatchesARN reports whether a resource of an Allow may match the ARN. A dollar, whose value is unknown, matches
// everything: use it to find what a statement reaches, not to prove that it covers something.
func MatchesARN(pattern, arn string) bool {
	return Matches(strings.ReplaceAll(pattern, "$", "*"), arn)
}

func anyMatches(patterns []string, text string) bool {
	for _, pattern := range patterns {
		if Matches(pattern, text) {
			return true
		}
	}
	return false
}

func lower(b byte) byte {
	if 'A' <= b && b <= 'Z' {
		b += 'a' - 'A'
	}
	return b
}
