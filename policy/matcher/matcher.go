// Package matcher has the tests of property values that rules share. Each is pure and sees a value that is known or
// missing.
package matcher

import (
	"errors"
	"path"
	"slices"
	"strings"

	"store-events/policy/rule"
	"store-events/policy/value"
)

// True holds for an explicit true.
func True(v value.Value) (bool, error) { return v.Bool() }

// NotTrue holds for false and for a missing value.
func NotTrue(v value.Value) (bool, error) { return not(v.Bool()) }

// False holds for an explicit false.
func False(v value.Value) (bool, error) {
	if Missing(v) {
		return false, nil
	}
	return not(v.Bool())
}

// NotFalse holds for true and for a missing value.
func NotFalse(v value.Value) (bool, error) {
	if Missing(v) {
		return true, nil
	}
	return v.Bool()
}

// Set holds for a text that is there and not empty.
func Set(v value.Value) (bool, error) {
	text, err := v.Text()
	return text != "", err
}

// Absent holds where nothing, or an empty text, is given.
func Absent(v value.Value) (bool, error) { return not(Set(v)) }

// OneOf holds for one of the texts.
func OneOf(texts ...string) rule.Test {
	return func(v value.Value) (bool, error) {
		text, err := v.Text()
		return slices.Contains(texts, text), err
	}
}

// OneOfOrMissing holds for one of the texts and for a missing value, but not for an empty text.
func OneOfOrMissing(texts ...string) rule.Test { return MissingOr(OneOf(texts...)) }

// NoneOf holds where the text is none of these, or missing.
func NoneOf(texts ...string) rule.Test { return Not(OneOf(texts...)) }

// AtLeast holds for a number that is there and not below the limit.
func AtLeast(limit float64) rule.Test {
	return func(v value.Value) (bool, error) {
		n, err := v.Number()
		return !Missing(v) && n >= limit, err
	}
}

// AtMost holds for a number that is there and not above the limit.
func AtMost(limit float64) rule.Test {
	return func(v value.Value) (bool, error) {
		n, err := v.Number()
		return !Missing(v) && n <= limit, err
	}
}

// MissingOr holds for a missing value and where the test does.
func MissingOr(test rule.Test) rule.Test {
	return func(v value.Value) (bool, error) {
		if Missing(v) {
			return true, nil
		}
		return test(v)
	}
}

// Not turns a test round.
func Not(test rule.Test) rule.Test {
	return func(v value.Value) (bool, error) { return not(test(v)) }
}

// At applies a test to a nested property; dots part the keys.
func At(path string, test rule.Test) rule.Test {
	keys := strings.Split(path, ".")
	return func(v value.Value) (bool, error) { return test(v.Get(keys...)) }
}

// AllOf holds where all tests do. One that does not hold decides, even if others are not known yet.
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

// Like holds for a text that one of the patterns takes in, in the syntax of path.Match.
func Like(patterns ...string) rule.Test {
	return func(v value.Value) (bool, error) {
		text, err := v.Text()
		return slices.ContainsFunc(patterns, func(p string) bool {
			ok, badPattern := path.Match(p, text)
			return ok && badPattern == nil
		}), err
	}
}

// Has holds for a list that has the text as a member.
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

// Empty holds for a list or object without members, and for none at all.
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

// Missing tells that no value is given.
func Missing(v value.Value) bool { return v.State() == value.Missing }

func not(ok bool, err error) (bool, error) { return !ok && err == nil, err }
