// Package matcher contains tests of property values that rules share. Tests are pure functions of a value that is known
// or missing.
package matcher

import (
	"errors"
	"path"
	"regexp"
	"slices"
	"strings"

	"store-events/policy/rule"
	"store-events/policy/value"
)

// True accepts an explicit true.
func True(v value.Value) (bool, error) { return v.Bool() }

// NotTrue accepts false and a missing value.
func NotTrue(v value.Value) (bool, error) { return not(v.Bool()) }

// False accepts an explicit false.
func False(v value.Value) (bool, error) {
	if Missing(v) {
		return false, nil
	}
	return not(v.Bool())
}

// NotFalse accepts true and a missing value.
func NotFalse(v value.Value) (bool, error) {
	if Missing(v) {
		return true, nil
	}
	return v.Bool()
}

// Set accepts a non-empty string.
func Set(v value.Value) (bool, error) {
	text, err := v.Text()
	return text != "", err
}

// Absent accepts a missing value and an empty string.
func Absent(v value.Value) (bool, error) { return not(Set(v)) }

// OneOf accepts any of the strings.
func OneOf(texts ...string) rule.Test {
	return func(v value.Value) (bool, error) {
		text, err := v.Text()
		return slices.Contains(texts, text), err
	}
}

// OneOfOrMissing accepts any of the strings and a missing value, but not the empty string.
func OneOfOrMissing(texts ...string) rule.Test { return MissingOr(OneOf(texts...)) }

// NoneOf accepts a missing value and any string that is not in the list.
func NoneOf(texts ...string) rule.Test { return Not(OneOf(texts...)) }

// AtLeast accepts a number that is present and not below the limit.
func AtLeast(limit float64) rule.Test {
	return func(v value.Value) (bool, error) {
		n, err := v.Number()
		return !Missing(v) && n >= limit, err
	}
}

// AtMost accepts a number that is present and not above the limit.
func AtMost(limit float64) rule.Test {
	return func(v value.Value) (bool, error) {
		n, err := v.Number()
		return !Missing(v) && n <= limit, err
	}
}

// MissingOr accepts a missing value and all values that the test accepts.
func MissingOr(test rule.Test) rule.Test {
	return func(v value.Value) (bool, error) {
		if Missing(v) {
			return true, nil
		}
		return test(v)
	}
}

// Not inverts a test.
func Not(test rule.Test) rule.Test {
	return func(v value.Value) (bool, error) { return not(test(v)) }
}

// At applies a test to a nested property; dots separate the keys.
func At(path string, test rule.Test) rule.Test {
	keys := strings.Split(path, ".")
	return func(v value.Value) (bool, error) { return test(v.Get(keys...)) }
}

// AllOf accepts values that all tests accept. A failed test decides, even if others are not known yet.
func AllOf(tests ...rule.Test) rule.Test {
	return func(v value.Value) (bool, error) {
		var unknown error
		decided := true
		for _, test := range tests {
			ok, err := test(v)
			switch {
			case value.IsUnknown(err):
				unknown = err
			case err != nil:
				return false, err
			case !ok:
				decided = false
			}
		}
		if !decided {
			return false, nil
		}
		return unknown == nil, unknown
	}
}

// Like accepts a string that matches one of the patterns, in the syntax of path.Match.
func Like(patterns ...string) rule.Test {
	return func(v value.Value) (bool, error) {
		text, err := v.Text()
		return slices.ContainsFunc(patterns, func(p string) bool {
			ok, _ := path.Match(p, text) // An invalid pattern matches nothing.
			return ok
		}), err
	}
}

// Matches accepts a string that matches the expression.
func Matches(re *regexp.Regexp) rule.Test {
	return func(v value.Value) (bool, error) {
		text, err := v.Text()
		return re.MatchString(text), err
	}
}

// Has accepts a list that contains the string.
func Has(text string) rule.Test {
	return func(v value.Value) (bool, error) {
		var unreadable error
		for _, e := range v.Elements() {
			member, err := e.Text()
			if member == text && err == nil {
				return true, nil
			}
			unreadable = errors.Join(unreadable, err)
		}
		return false, unreadable
	}
}

// Empty accepts an empty list or object, and a missing one.
func Empty(v value.Value) (bool, error) {
	switch {
	case Missing(v):
		return true, nil
	case v.Err() != nil:
		return false, v.Err()
	case v.Raw().IsMap():
		return v.Raw().AsMap().Len() == 0, nil
	}
	elements := v.Elements()
	if len(elements) == 1 {
		return false, malformed(elements[0])
	}
	return len(elements) == 0, nil
}

func malformed(v value.Value) error {
	if v.State() == value.Malformed {
		return v.Err()
	}
	return nil
}

// Missing reports whether the value is missing.
func Missing(v value.Value) bool { return v.State() == value.Missing }

func not(ok bool, err error) (bool, error) { return !ok && err == nil, err }
