package ruletest

import (
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/policy/rule"
)

// Outcome is a rule's expected result.
type Outcome int

// Outcomes.
const (
	Violates Outcome = iota
	Passes
)

// Case is the pair of examples for one rule.
type Case struct {
	// Rule is the ID of the rule.
	Rule string
	// Compliant and Violating are minimal examples.
	Compliant, Violating []Res
	// Property is the path of the deciding property, in the resource named On (by default the first of
	// Compliant). It is empty for a rule that forbids resources regardless of their properties; then all properties
	// are altered.
	Property, On string
	// Missing is the outcome for the compliant example without the property.
	Missing Outcome
	// UnknownPasses marks a rule that requires the property to be set, to any value.
	UnknownPasses bool
	// WrongTypePasses marks a rule that only follows a reference: a value of another type is not a reference, which
	// other rules require.
	WrongTypePasses bool
	// SecretPasses marks a rule that a secret value satisfies.
	SecretPasses bool
	// UndecidedAtPreview marks a violation that is found only after the resources exist.
	UndecidedAtPreview bool
	// AlsoViolates and AlsoPasses are additional examples, by description.
	AlsoViolates, AlsoPasses map[string][]Res
	// ViolatesAtPreview are examples that violate before any of their resources exist.
	ViolatesAtPreview map[string][]Res
	// Environment is Prod by default.
	Environment rule.Environment
}

// Run tests every rule with its case and requires that each has one.
func Run(t *testing.T, rules []rule.Rule, cases []Case) {
	t.Helper()
	byID := map[string]Case{}
	for _, c := range cases {
		require.NotContains(t, byID, c.Rule, "two cases for one rule")
		byID[c.Rule] = c
	}
	for _, r := range rules {
		c, ok := byID[r.ID]
		require.True(t, ok, "rule %s has no test case", r.ID)
		delete(byID, r.ID)
		t.Run(r.ID, func(t *testing.T) {
			runner{rule: r, c: c}.run(t)
		})
	}
	require.Empty(t, byID, "cases for rules that are not registered")
}

type runner struct {
	rule rule.Rule
	c    Case
}

func (r runner) run(t *testing.T) {
	t.Run("compliant", func(t *testing.T) { require.Empty(t, r.check(t, r.c.Compliant, deployed)) })
	t.Run("violating", func(t *testing.T) { r.requireViolation(t, r.check(t, r.c.Violating, deployed)) })
	t.Run("first preview", r.firstPreview)
	t.Run("secret", r.secretWrapped)
	t.Run("any shape", r.anyShape)
	for name, example := range r.c.AlsoViolates {
		t.Run(name, func(t *testing.T) { r.requireViolation(t, r.check(t, example, deployed)) })
	}
	for name, example := range r.c.AlsoPasses {
		t.Run(name, func(t *testing.T) { require.Empty(t, r.check(t, example, deployed)) })
	}
	for name, example := range r.c.ViolatesAtPreview {
		t.Run(name, func(t *testing.T) { r.requireViolation(t, r.check(t, example, firstPreview)) })
	}
	if r.c.Property == "" {
		t.Run("any properties", r.whateverProperties)
		return
	}
	require.True(t, r.given(), "the compliant example has no %s", r.c.Property)
	t.Run("unknown", r.unknownValue)
	t.Run("missing", func(t *testing.T) {
		r.requireOutcome(t, r.c.Missing, r.check(t, r.altered(missing), deployed))
	})
	t.Run("wrong type", func(t *testing.T) {
		findings := r.check(t, r.altered(wrongType), deployed)
		if r.c.WrongTypePasses {
			require.Empty(t, findings)
			return
		}
		require.NotEmpty(t, findings, "an unknown shape must not pass")
		for _, f := range findings {
			require.NotContains(t, f.Message, "panicked")
			require.NotEqual(t, rule.Undecided, f.Kind)
		}
	})
}

// firstPreview checks both examples before any of their resources exist.
func (r runner) firstPreview(t *testing.T) {
	for _, f := range r.check(t, r.c.Compliant, firstPreview) {
		require.Equal(t, rule.Undecided, f.Kind, "%+v", f)
	}
	findings := r.check(t, r.c.Violating, firstPreview)
	if r.c.UndecidedAtPreview {
		require.NotEmpty(t, findings, "undecided properties must be reported")
		return
	}
	r.requireViolation(t, findings)
}

func (r runner) unknownValue(t *testing.T) {
	findings := r.check(t, r.altered(unknown), deployed)
	if r.c.UnknownPasses {
		require.Empty(t, findings)
		return
	}
	require.NotEmpty(t, findings, "an unknown value must not pass silently")
	for _, f := range findings {
		require.Equal(t, rule.Undecided, f.Kind, "%+v", f)
		require.NotEmpty(t, f.Property)
	}
}

func (r runner) secretWrapped(t *testing.T) {
	wrap := func(s rule.Stack) rule.Stack {
		for i := range s.Resources {
			s.Resources[i].Inputs = secret(s.Resources[i].Inputs)
			s.Resources[i].Outputs = secret(s.Resources[i].Outputs)
		}
		return s
	}
	require.Empty(t, r.checkStack(wrap(r.stack(t, r.c.Compliant, deployed))))
	violating := r.checkStack(wrap(r.stack(t, r.c.Violating, deployed)))
	if r.c.SecretPasses {
		require.Empty(t, violating)
		return
	}
	r.requireViolation(t, violating)
}

// whateverProperties checks that a rule without a deciding property reports resources regardless of their properties.
func (r runner) whateverProperties(t *testing.T) {
	for _, change := range []func(any) any{unknown, missing, wrongType} {
		example := slices.Clone(r.c.Violating)
		for i := range example {
			altered := Props{"unexpected": change("")}
			for key, v := range example[i].Props {
				altered[key] = change(v)
			}
			example[i].Props = altered
		}
		r.requireViolation(t, r.check(t, example, deployed))
	}
}

// given reports whether the compliant example sets the deciding property.
func (r runner) given() (given bool) {
	r.altered(func(v any) any {
		given = v != nil
		return v
	})
	return given
}

func (r runner) altered(change func(any) any) []Res {
	on := r.c.On
	if on == "" {
		on = r.c.Compliant[0].Name
	}
	return alter(r.c.Compliant, on, r.c.Property, change)
}

func (r runner) check(t *testing.T, example []Res, m mode) []rule.Finding {
	return r.checkStack(r.stack(t, example, m))
}

func (r runner) stack(t *testing.T, example []Res, m mode) rule.Stack {
	env := r.c.Environment
	if env == "" {
		env = rule.Prod
	}
	return build(t, example, rule.DefaultSettings(env), m)
}

func (r runner) checkStack(s rule.Stack) []rule.Finding {
	var findings []rule.Finding
	if r.rule.Stack != nil {
		findings = r.rule.CheckStack(s)
	}
	if r.rule.Resource == nil {
		return findings
	}
	for _, resource := range s.Resources {
		if r.rule.AppliesTo(resource.Type) {
			findings = append(findings, r.rule.CheckResource(resource)...)
		}
	}
	return findings
}

func (r runner) requireOutcome(t *testing.T, want Outcome, findings []rule.Finding) {
	if want == Passes {
		require.Empty(t, findings)
		return
	}
	r.requireViolation(t, findings)
}

func (r runner) requireViolation(t *testing.T, findings []rule.Finding) {
	findings = slices.DeleteFunc(findings, func(f rule.Finding) bool { return f.Kind == rule.Note })
	require.NotEmpty(t, findings)
	for _, f := range findings {
		require.Equal(t, rule.Violation, f.Kind, "%+v", f)
		require.NotEmpty(t, f.Message)
		require.True(t, strings.HasPrefix(f.URN, "urn:pulumi:"), "names no resource: %+v", f)
	}
}

// Finds reports whether a rule has findings for an example whose resources exist in production. It is for tables of
// examples beyond those of Case.
func Finds(t *testing.T, r rule.Rule, example []Res) bool {
	t.Helper()
	of := runner{rule: r}
	return len(of.checkStack(of.stack(t, example, deployed))) > 0
}
