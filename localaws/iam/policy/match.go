package policy

import "slices"

// Covers reports whether the statement applies to the action. It ignores case.
func (s *Statement) Covers(action string) bool {
	matchesAny := func(patterns []string) bool {
		return slices.ContainsFunc(patterns, func(p string) bool { return matchesFold(wildcards(p), action) })
	}
	if len(s.NotAction) > 0 {
		return !matchesAny(s.NotAction)
	}
	return matchesAny(s.Action)
}

func (s *Statement) coversResource(resource string, c Context) bool {
	matchesAny := func(patterns []string) bool {
		return slices.ContainsFunc(patterns, func(p string) bool { return s.resourceMatches(p, resource, c) })
	}
	unresolved := func(p string) bool {
		_, ok := s.expand(p, true, c)
		return !ok
	}
	switch {
	case slices.ContainsFunc(s.NotResource, unresolved):
		// AWS documents only that such a statement is invalid. Use the stricter interpretation.
		return s.Deny
	case len(s.NotResource) > 0:
		return !matchesAny(s.NotResource)
	case len(s.Resource) > 0:
		return matchesAny(s.Resource)
	default:
		return true // A trust policy applies to its role.
	}
}

// resourceMatches compares each part of an ARN separately. The last part may contain colons. AWS appends stars to an
// incomplete ARN:
// https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
func (s *Statement) resourceMatches(pattern, resource string, c Context) bool {
	if pattern == "*" {
		return true
	}
	want, have := splitARN(pattern), splitARN(resource)
	if len(have) != 6 || want[0] != "arn" {
		whole, ok := s.expand(pattern, true, c)
		return ok && matches(whole, resource)
	}
	for len(want) < 6 {
		want = append(want, "*")
	}
	return s.arnPartsMatch(want, have, c)
}

func (s *Statement) arnPartsMatch(want, have []string, c Context) bool {
	for i := range want {
		pattern, ok := s.expand(want[i], true, c)
		if !ok || !matches(pattern, have[i]) {
			return false
		}
	}
	return true
}

func (s *Statement) conditionsHold(c Context) bool {
	for i := range s.Conditions {
		if !s.Conditions[i].holds(s, c) {
			return false
		}
	}
	return true
}

// applies returns how directly the statement names the caller, or grantNone if it does not apply to the request.
func (s *Statement) applies(r *Request, c Context) grant {
	if !s.Covers(r.Action) || !s.coversResource(r.Resource, c) {
		return grantNone
	}
	g := s.matchesPrincipal(r.Principal)
	if g == grantNone || !s.conditionsHold(c) {
		return grantNone
	}
	return g
}
