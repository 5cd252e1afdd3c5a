package pack

import (
	"fmt"
	"strings"

	"store-events/policy/rule"
)

// message describes what is wrong, where, why it matters, how to fix it in code, and which control requires it.
func message(r rule.Rule, f rule.Finding) string {
	var b strings.Builder
	fmt.Fprintf(&b, "[%s] %s: ", r.Severity, r.ID)
	switch f.Kind {
	case rule.Failed:
		fmt.Fprintf(&b, "the rule failed and checked nothing: %s", f.Message)
		return b.String()
	case rule.Violation, rule.Note, rule.Undecided:
		b.WriteString(f.Message)
	}
	if name := resourceName(f.URN); name != "" {
		fmt.Fprintf(&b, "\n  resource: %s", name)
	}
	if f.Property != "" {
		fmt.Fprintf(&b, "\n  property: %s", f.Property)
	}
	fmt.Fprintf(&b, "\n  why: %s\n  fix: %s\n  source: %s", r.Why, r.Fix, sources(r.Sources))
	return b.String()
}

// undecided describes which rules cannot decide because of which property.
func undecided(worst rule.Severity, f rule.Finding, rules []string) string {
	what := f.Message
	if f.Property != "" {
		what = f.Property + ": " + what
	}
	return fmt.Sprintf("[%s] not decided at preview, the update decides: %s (%s)", worst, what, strings.Join(rules, ", "))
}

// resourceName shortens a URN to its type and name.
func resourceName(urn string) string {
	parts := strings.SplitN(urn, "::", 4)
	if len(parts) < 4 {
		return urn
	}
	types := strings.Split(parts[2], "$")
	return types[len(types)-1] + " " + parts[3]
}

// nameIn returns the resource name in a URN.
func nameIn(urn string) string {
	return strings.TrimPrefix(urn[max(strings.LastIndex(urn, "::"), 0):], "::")
}

// sources lists the controls, with the link of the first that has a page.
func sources(list string) string {
	if page := link(list); page != "" {
		return list + "\n  see: " + page
	}
	return list
}

// link returns the page of the first control that has one.
func link(sources string) string {
	for _, source := range strings.Split(sources, "; ") {
		if page := securityHubLink(source); page != "" {
			return page
		}
	}
	return ""
}

// securityHubLink returns the page of an AWS Security Hub control such as FSBP RDS.3.
func securityHubLink(source string) string {
	kind, control, _ := strings.Cut(source, " ")
	service, number, ok := strings.Cut(control, ".")
	if (kind != "FSBP" && kind != "SecHub") || !ok {
		return ""
	}
	service = strings.ToLower(service)
	return fmt.Sprintf("https://docs.aws.amazon.com/securityhub/latest/userguide/%s-controls.html#%s-%s", service, service, number)
}
