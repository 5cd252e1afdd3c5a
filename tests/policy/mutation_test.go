package policy_test

import (
	"flag"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/deploy"
	"store-events/policy/rule"
	"store-events/policy/rules"
	"store-events/program/project"
	"store-events/tests/policy/mutation"
	"store-events/tests/policy/recording"
)

var allMutations = flag.Bool("all-mutations", false, "run every mutation through the engine, not only two of each service")

// In the first preview and in an update of the mutated program, the engine with the pack reports exactly what the
// rules report in process.
func TestMutationsThroughTheEngine(t *testing.T) {
	t.Parallel()
	projectDir, err := project.Find(".")
	require.NoError(t, err)
	chosen := chosenMutations()
	for _, stack := range slices.Sorted(maps.Keys(chosen)) {
		r := startReplay(t)
		p, err := recording.Record(projectDir, stack, r.settings)
		require.NoError(t, err)
		t.Run(stack+" first preview", func(t *testing.T) {
			r.previewBatches(t, p, chosen[stack], recording.FirstPreview)
		})
		_, err = r.open(t, p).Up(t.Context())
		require.NoError(t, err)
		require.Equal(t, enforced(mutation.Violations(mutation.Check(p, recording.Deployed)), stack), r.checkState(t, p), "what is deployed")
		t.Run(stack+" update", func(t *testing.T) {
			kept := slices.DeleteFunc(chosen[stack], func(m mutation.Mutation) bool { return m.Replaces })
			r.previewBatches(t, p, kept, recording.Deployed)
		})
	}
}

// chosenMutations returns the mutations to run through the engine, by the stack that they change.
func chosenMutations() map[string][]mutation.Mutation {
	chosen := map[string][]mutation.Mutation{}
	for _, s := range mutation.Services() {
		for i, m := range s.Mutations {
			if *allMutations || i < 2 {
				chosen[m.In()] = append(chosen[m.In()], m)
			}
		}
	}
	return chosen
}

func (r replay) previewBatches(t *testing.T, p recording.Program, mutations []mutation.Mutation, at recording.Moment) {
	batches, err := mutation.Batches(p, mutations, at)
	require.NoError(t, err)
	for _, b := range batches {
		result, err := r.open(t, b.Program).Preview(t.Context())
		t.Logf("%d mutations together: %v: %.0f s", len(b.Mutations), names(b.Mutations), result.Seconds)
		for _, e := range result.Errors {
			require.Equal(t, "preview failed", e, "the engine refuses the program itself: %v", err)
		}
		require.Equal(t, enforced(mutation.Violations(mutation.Check(b.Program, at)), p.Stack), violated(result))
	}
}

// enforced returns the violations of rules that are enabled in an environment, as "rule resource".
func enforced(findings []mutation.Finding, environment string) []string {
	list := []string{}
	for _, f := range findings {
		if ruleOf(f.Rule).Levels.In(rule.Environment(environment)) != rule.Off {
			list = append(list, f.Rule+" "+f.Resource)
		}
	}
	return list
}

func ruleOf(id string) rule.Rule {
	all := rules.All()
	i := slices.IndexFunc(all, func(r rule.Rule) bool { return r.ID == id })
	if i < 0 {
		return rule.Rule{}
	}
	return all[i]
}

// violated returns the violations that the engine reports, as "rule resource", without the pack's other
// messages.
func violated(r deploy.Result) []string {
	list := []string{}
	for _, v := range r.Violations {
		if ruleOf(v.Policy).ID != "" {
			_, name, _ := strings.Cut(v.Resource, " ")
			list = append(list, v.Policy+" "+name)
		}
	}
	slices.Sort(list)
	return slices.Compact(list)
}

func names(mutations []mutation.Mutation) (list []string) {
	for _, m := range mutations {
		list = append(list, m.Rule)
	}
	return list
}
