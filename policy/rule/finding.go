package rule

import (
	"errors"

	"store-events/policy/value"
)

// Kind tells what a finding means.
type Kind int

// Kinds of finding.
const (
	// Violation: the control does not hold.
	Violation Kind = iota
	// Undecided: a property is not known yet, so that the rule cannot tell.
	Undecided
	// Failed: the rule met a shape it does not know, or broke; nothing was judged.
	Failed
	// Note: worth telling, at no level.
	Note
)

// Finding is one thing that a rule has to say. Property is a path in the resource named by URN; a resource
// rule leaves URN empty and means the resource that it judges. A message never holds a property's value.
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

// Undecidable tells that a property keeps a rule from deciding, for a reason other than its own value.
func Undecidable(v value.Value, reason string) []Finding {
	return []Finding{{Kind: Undecided, Property: v.Path(), Message: reason}}
}

// Unreadable turns the reason why a value could not be read into a finding; nil gives none.
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

// Test judges a value that is known or missing. An error tells that its shape is not the one expected.
type Test func(value.Value) (bool, error)

// Require reports a violation where the test does not hold, and says so where it cannot be judged.
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

// When judges only where a condition holds. If it is not known yet whether it does, what would be a finding is undecided.
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

// Each judges every member of a list.
func Each(list value.Value, judge func(value.Value) []Finding) []Finding {
	var findings []Finding
	for _, e := range list.Elements() {
		findings = append(findings, judge(e)...)
	}
	return findings
}

// Any reports a violation at the list unless the test holds for one member at least. If it holds for none that can
// be read and some cannot, nothing is decided.
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

// Notes makes notes of violations: worth telling, but not at the rule's level.
func Notes(findings []Finding) []Finding {
	for i, f := range findings {
		if f.Kind == Violation {
			findings[i].Kind = Note
		}
	}
	return findings
}

// On makes findings speak of a resource.
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
