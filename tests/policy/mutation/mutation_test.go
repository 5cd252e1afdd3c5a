package mutation

import (
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/policy/rule"
	"store-events/policy/rules"
	"store-events/program/project"
	"store-events/tests/policy/recording"
)

var recorded = sync.OnceValues(func() (map[string]recording.Program, error) {
	projectDir, err := project.Find(".")
	if err != nil {
		return nil, err
	}
	programs := map[string]recording.Program{}
	for _, stack := range []string{"prod", "dev"} {
		if programs[stack], err = recording.Record(projectDir, stack, WithEvents); err != nil {
			return nil, err
		}
	}
	return programs, nil
})

// unbreakable lists rules that no change of the program can violate, with the reasons. There are none.
var unbreakable = map[string]string{}

func TestEveryRuleHasAMutation(t *testing.T) {
	mutated := map[string]bool{}
	for _, m := range All() {
		require.False(t, mutated[m.Rule], "%s twice", m.Rule)
		require.NotContains(t, unbreakable, m.Rule)
		mutated[m.Rule] = true
	}
	for _, r := range rules.All() {
		require.True(t, mutated[r.ID] || unbreakable[r.ID] != "", "rule %s has no mutation", r.ID)
		delete(mutated, r.ID)
	}
	require.Empty(t, mutated, "mutations for rules that are not registered")
}

// The unchanged program violates no mandatory rules, and only those advisory ones that mutations fix.
func TestProgramIsClean(t *testing.T) {
	programs, err := recorded()
	require.NoError(t, err)
	for stack, p := range programs {
		levels := map[string]rule.Level{}
		for _, r := range rules.All() {
			levels[r.ID] = r.Levels.In(rule.Environment(stack))
		}
		for _, f := range Check(p, recording.Deployed) {
			require.NotEqual(t, rule.Failed, f.Kind, "%s: %+v", stack, f)
			require.NotEqual(t, rule.Undecided, f.Kind, "%s: %+v", stack, f)
			require.False(t, f.Kind == rule.Violation && levels[f.Rule] == rule.Mandatory, "%s: %+v", stack, f)
		}
	}
}

func TestMutations(t *testing.T) {
	programs, err := recorded()
	require.NoError(t, err)
	before := map[string][]Finding{}
	for stack, p := range programs {
		before[stack] = Violations(Check(p, recording.Deployed))
	}
	for _, m := range All() {
		t.Run(m.Rule, func(t *testing.T) {
			t.Parallel()
			changed, err := Apply(programs[m.In()], m)
			require.NoError(t, err)
			after := Violations(CheckChange(changed, programs[m.In()], before[m.In()], recording.Deployed))
			if m.Fixes {
				require.True(t, reports(before[m.In()], m.Rule), "the unchanged program satisfies the rule")
				require.False(t, reports(after, m.Rule), "the change does not satisfy the rule")
				require.Equal(t, slices.Sorted(slices.Values(m.Also)), newRules(after, before[m.In()]))
				return
			}
			require.Equal(t, slices.Sorted(slices.Values(append([]string{m.Rule}, m.Also...))), newRules(after, before[m.In()]))
			requireReported(t, m, changed)
		})
	}
}

// requireReported requires that, before any resource exists, the rule reports, or cannot decide yet.
func requireReported(t *testing.T, m Mutation, changed recording.Program) {
	i := slices.IndexFunc(rules.All(), func(r rule.Rule) bool { return r.ID == m.Rule })
	for _, f := range check(rules.All()[i], changed.Checked(rule.DefaultSettings(rule.Environment(changed.Stack)), recording.FirstPreview)) {
		if f.Kind == rule.Violation || f.Kind == rule.Undecided {
			return
		}
	}
	t.Fatal("the rule passes silently in the first preview")
}

func reports(findings []Finding, id string) bool {
	return slices.ContainsFunc(findings, func(f Finding) bool { return f.Rule == id })
}

// newRules returns the rules with findings that they did not have before.
func newRules(after, before []Finding) []string {
	var ids []string
	for _, f := range without(after, before) {
		ids = append(ids, f.Rule)
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}
