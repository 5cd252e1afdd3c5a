package rule

import (
	"errors"
	"strings"

	"store-events/policy/value"
)

// Kind is the meaning of a finding.
type Kind int

// Kinds of finding.
const (
	// Violation: the control does not hold.
	Violation Kind = iota
	// Undecided: a property is not known yet, so the rule cannot decide.
	Undecided
	// Failed: the rule found an unexpected shape or panicked; it checked nothing.
	Failed
	// Note: worth reporting, without a level.
	Note
)

// Finding is one result of a rule. Property is a path in the resource URN; resource rules leave URN
// empty. Message never contains a property's value.
type Finding struct {
	Kind     Kind
	URN      string
	Property string
	Message  string
}

// Violate returns one violation at a property.
func Violate(v value.Value, message string) []Finding {
	return []Finding{{Kind: Violation, Property: v.Path(), Message: message}}
}

// Undecidable returns a finding that a rule cannot decide because of a property, for a reason other than its value.
func Undecidable(v value.Value, reason string) []Finding {
	return []Finding{{Kind: Undecided, Property: v.Path(), Message: reason}}
}

// Unreadable converts an error of reading a value into a finding; it returns nil for nil.
func Unreadable(err error) []Finding {
	if err == nil {
		return nil
	}
	var e *value.Error
	if errors.As(err, &e) && e.Unknown {
		return []Finding{{Kind: Undecided, Property: e.Path, Message: "not known yet"}}
	}
	f := Finding{Kind: Failed, Message: err.Error()}
	if e != nil {
		f.Property = e.Path
	}
	return []Finding{f}
}

// Test checks a value that is known or missing. It returns an error for an unexpected shape.
type Test func(value.Value) (bool, error)

// Require reports a violation if the test fails, and an undecided finding if the value is not known.
func Require(v value.Value, holds Test, message string) []Finding {
	if err := v.Err(); err != nil {
		return Unreadable(err)
	}
	ok, err := holds(v)
	switch {
	case err != nil:
		return Unreadable(err)
	case !ok:
		return Violate(v, message)
	default:
		return nil
	}
}

// Property returns a check of one property; dots separate the keys of its path.
func Property(path string, holds Test, message string) func(Resource) []Finding {
	keys := strings.Split(path, ".")
	return func(r Resource) []Finding { return Require(r.Get(keys...), holds, message) }
}

// RequireGiven reports a violation when a string is missing or empty. An unknown value counts as set.
func RequireGiven(v value.Value, message string) []Finding {
	if v.State() == value.Unknown {
		return nil
	}
	return Require(v, func(v value.Value) (bool, error) {
		text, err := v.Text()
		return text != "", err
	}, message)
}

// When calls then only if a condition holds. If the condition is unknown, findings become undecided.
func When(v value.Value, condition Test, then func() []Finding) []Finding {
	ok, err := condition(v)
	switch {
	case err == nil && ok:
		return then()
	case err == nil:
		return nil
	case v.State() == value.Unknown && len(then()) == 0:
		return nil
	default:
		return Unreadable(err)
	}
}

// Each checks every element of a list.
func Each(list value.Value, check func(value.Value) []Finding) []Finding {
	var findings []Finding
	for _, e := range list.Elements() {
		findings = append(findings, check(e)...)
	}
	return findings
}

// Any reports a violation at the list unless the test accepts at least one element. If it accepts none and some
// elements are unreadable, the result is undecided.
func Any(list value.Value, holds Test, message string) []Finding {
	var unreadable []Finding
	for _, e := range list.Elements() {
		err := e.Err()
		ok := false
		if err == nil {
			ok, err = holds(e)
		}
		if ok && err == nil {
			return nil
		}
		unreadable = append(unreadable, Unreadable(err)...)
	}
	if len(unreadable) > 0 {
		return unreadable
	}
	return Violate(list, message)
}

// All joins findings.
func All(findings ...[]Finding) []Finding {
	var all []Finding
	for _, f := range findings {
		all = append(all, f...)
	}
	return all
}

// Notes converts violations to notes, which are reported without the rule's level.
func Notes(findings []Finding) []Finding {
	for i, f := range findings {
		if f.Kind == Violation {
			findings[i].Kind = Note
		}
	}
	return findings
}

// On sets the resource of findings.
func On(r Resource, findings []Finding) []Finding {
	named := make([]Finding, len(findings))
	for i, f := range findings {
		if f.URN == "" {
			f.URN = r.URN
		}
		named[i] = f
	}
	return named
}
