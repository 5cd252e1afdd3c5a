package rule

import (
	"slices"

	"store-events/policy/aws"
	"store-events/policy/value"
)

// Answer is yes, no or not known yet.
type Answer int

// Answers.
const (
	No Answer = iota
	Maybe
	Yes
)

// Refers reports whether a property of one resource refers to another: by value if it is known, else by the value's
// origin, as in the first preview.
func Refers(from Resource, v value.Value, to Resource) Answer {
	if from.URN == to.URN {
		return No // Its own name or ARN, set as a property.
	}
	if text, err := v.Text(); err == nil && text != "" && slices.Contains(to.Identities(), text) {
		return Yes
	}
	if v.State() != value.Unknown {
		return No
	}
	sources := from.PropertyDependencies[v.Root()]
	switch {
	case slices.Contains(sources, to.URN):
		return Yes
	case len(sources) == 0:
		return Maybe
	default:
		return No
	}
}

// refers is like Refers, but also follows an alias of the stack to its key.
func (s Stack) refers(from Resource, v value.Value, to Resource) Answer {
	best := Refers(from, v, to)
	if to.Type != aws.Key {
		return best
	}
	for _, alias := range s.Of(aws.KeyAlias) {
		if Refers(from, v, alias) == Yes {
			best = max(best, Refers(alias, alias.Get("targetKeyId"), to))
		}
	}
	return best
}

// Identified returns the resources of a type with a given name, ID or ARN.
func (s Stack) Identified(by, resourceType string) []Resource {
	var found []Resource
	for _, r := range s.Of(resourceType) {
		if slices.Contains(r.Identities(), by) {
			found = append(found, r)
		}
	}
	return found
}

// Chosen reports whether a name, ID or ARN belongs to a resource of the stack, or to an
// existing resource in the stack's configuration.
func (s Stack) Chosen(by, resourceType string) bool {
	return s.Settings.Configured(by) || len(s.Identified(by, resourceType)) > 0
}

// Referrers returns the resources of a type whose property refers to the given resource, and whether there may be
// more that are not known yet.
func (s Stack) Referrers(resourceType, property string, to Resource) (found []Resource, maybe bool) {
	for _, r := range s.Of(resourceType) {
		switch s.refers(r, r.Get(property), to) {
		case Yes:
			found = append(found, r)
		case Maybe:
			maybe = true
		case No:
		}
	}
	return found, maybe
}

// RefersToAny reports whether a property refers to a resource of one of the types.
func (s Stack) RefersToAny(from Resource, v value.Value, types ...string) Answer {
	best := No
	for _, to := range s.Of(types...) {
		best = max(best, s.refers(from, v, to))
	}
	if best == No && v.State() == value.Unknown && len(from.PropertyDependencies[v.Root()]) == 0 {
		return Maybe
	}
	return best
}

// Referred returns the resources of a type that a property refers to, as a string or a list of strings. maybe means
// that there may be others: not known yet, or outside this stack.
func (s Stack) Referred(from Resource, v value.Value, resourceType string) (found []Resource, maybe bool) {
	members := []value.Value{v}
	if v.State() == value.Known && v.Raw().IsArray() {
		members = v.Elements()
	}
	candidates := s.Of(resourceType)
	seen := make([]bool, len(candidates))
	for _, member := range members {
		resolved := false
		for i, to := range candidates {
			if s.refers(from, member, to) == Yes {
				seen[i], resolved = true, true
			}
		}
		maybe = maybe || !resolved && member.State() == value.Unknown
	}
	for i, to := range candidates {
		if seen[i] {
			found = append(found, to)
		}
	}
	return found, maybe
}

// RequireReference reports a property that does not refer to a resource of the types in this stack.
func (s Stack) RequireReference(from Resource, v value.Value, message string, types ...string) []Finding {
	if v.State() == value.Malformed {
		return Unreadable(v.Err())
	}
	if _, err := v.Text(); err != nil && v.State() == value.Known {
		return Unreadable(err)
	}
	switch s.RefersToAny(from, v, types...) {
	case Yes:
		return nil
	case Maybe:
		return Unreadable(v.Err())
	default:
		return Violate(v, message)
	}
}

// RequireReferrer reports a resource if no resource of the type refers to it in the property, and returns the
// referrers.
func (s Stack) RequireReferrer(to Resource, resourceType, property, message string) ([]Resource, []Finding) {
	found, maybe := s.Referrers(resourceType, property, to)
	switch {
	case len(found) > 0:
		return found, nil
	case maybe:
		return nil, []Finding{{Kind: Undecided, URN: to.URN, Property: property,
			Message: "which " + resourceType + " refers to it is not known yet"}}
	default:
		return nil, []Finding{{Kind: Violation, URN: to.URN, Message: message}}
	}
}

// RequireGenerated requires a property to be secret and to be a generated password.
func (s Stack) RequireGenerated(r Resource, v value.Value) []Finding {
	_, err := v.Text()
	generated := slices.ContainsFunc(s.Of(aws.RandomPassword), func(g Resource) bool { return r.DependsOn(v.Root(), g) })
	switch {
	case v.State() == value.Missing:
		return Violate(v, "no value is set")
	case v.State() == value.Unknown && len(r.PropertyDependencies[v.Root()]) == 0, v.State() != value.Unknown && err != nil:
		return Unreadable(err)
	case !generated:
		return Violate(v, "the value is not generated in this stack")
	case v.State() == value.Known && !v.Secret():
		return Violate(v, "the value is not marked as a secret")
	default:
		return nil
	}
}

// ForbidPassword reports a property that contains a generated password, known or not.
func (s Stack) ForbidPassword(r Resource, v value.Value) []Finding {
	for _, password := range s.Of(aws.RandomPassword) {
		if r.DependsOn(v.Root(), password) {
			return Violate(v, "the value contains a generated password")
		}
	}
	return nil
}
