package corpus

import (
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/policy/pack"
	"store-events/policy/rule"
	"store-events/policy/rules"
	"store-events/program/project"
	"store-events/tests/policy/recording"
)

const root = "../../../policy/rules/*/testdata/"

var recorded = sync.OnceValues(func() (recording.Program, error) {
	projectDir, err := project.Find(".")
	if err != nil {
		return recording.Program{}, err
	}
	return recording.Record(projectDir, "prod", nil)
})

// failed is the policy that reports failed rules.
const failed = "rule-failed"

// check runs the pack on a program and returns its violations as "rule resource message", with their levels. If only
// has rules, the pack has only those, with their levels in prod.
func check(t *testing.T, p recording.Program, at recording.Moment, only ...string) map[string]rule.Level {
	t.Helper()
	return checkChange(t, p, recording.Program{}, at, only...)
}

// checkChange checks the differences from a program that was checked before: resource rules run only on changed
// resources, as their reports on the others are the same.
func checkChange(t *testing.T, p, from recording.Program, at recording.Moment, only ...string) map[string]rule.Level {
	t.Helper()
	policies, err := pack.New(pack.Stack{Project: "store-events", Name: p.Stack})
	require.NoError(t, err)
	if len(only) > 0 {
		off := map[string]pack.Configuration{}
		for _, r := range rules.All() {
			if !slices.Contains(only, r.ID) {
				off[r.ID] = pack.Configuration{Level: rule.Off}
			}
		}
		require.NoError(t, policies.Configure(off))
	}
	same := p.Same(from)
	resources := p.Checked(rule.DefaultSettings(rule.Prod), at).Resources
	var reports []pack.Report
	for _, r := range resources {
		if same[r.Type+"::"+r.Name] {
			policies.Declare(r)
			continue
		}
		reports = append(reports, policies.CheckResource(r)...)
	}
	found := map[string]rule.Level{}
	for _, r := range append(reports, policies.CheckStack(resources)...) {
		if r.Kind != rule.Note {
			found[r.Policy+" "+r.URN[strings.LastIndex(r.URN, ":")+1:]+" "+r.Message] = r.Level
		}
	}
	return found
}

// added returns the policies with reports of a level that the unchanged program does not have.
func added(before, after map[string]rule.Level, level rule.Level) []string {
	var policies []string
	for report, of := range after {
		if _, known := before[report]; !known && of >= level {
			policy, _, _ := strings.Cut(report, " ")
			policies = append(policies, policy)
		}
	}
	slices.Sort(policies)
	return slices.Compact(policies)
}

func TestEvasionsAreMandatoryViolations(t *testing.T) {
	p, err := recorded()
	require.NoError(t, err)
	before := check(t, p, recording.Deployed)
	each(t, "evasions", func(t *testing.T, c Case) {
		changed, err := c.Apply(p)
		require.NoError(t, err)
		after := checkChange(t, changed, p, recording.Deployed, c.Rules...)
		reporting := c.Rules
		if slices.Contains(c.Rules, failed) {
			reporting = []string{failed} // It reports for the failed rules.
		}
		require.Subset(t, added(before, after, rule.Advisory), reporting)
		require.NotEmpty(t, added(before, after, rule.Mandatory))
		requireMentioned(t, c.Rules, checkChange(t, changed, p, recording.FirstPreview, c.Rules...))
	})
}

// requireMentioned requires that, before any resource exists, one of the rules reports, or cannot decide yet.
func requireMentioned(t *testing.T, ids []string, reports map[string]rule.Level) {
	t.Helper()
	for report := range reports {
		if slices.ContainsFunc(ids, func(id string) bool { return strings.Contains(report, id) }) {
			return
		}
	}
	t.Fatalf("none of %v in the reports of the first preview", ids)
}

func TestBenignLookAlikesAreNotReported(t *testing.T) {
	p, err := recorded()
	require.NoError(t, err)
	before := check(t, p, recording.Deployed)
	each(t, "benign", func(t *testing.T, c Case) {
		changed, err := c.Apply(p)
		require.NoError(t, err)
		require.Empty(t, added(before, checkChange(t, changed, p, recording.Deployed), rule.Advisory))
	})
}

// each runs a test for every case of the folders with the name. Each case must name its rules.
func each(t *testing.T, folder string, test func(*testing.T, Case)) {
	t.Helper()
	known := map[string]bool{failed: true}
	for _, r := range rules.All() {
		known[r.ID] = true
	}
	files, err := Read(root + folder + "/*.yaml")
	require.NoError(t, err)
	require.NotEmpty(t, files)
	for _, path := range slices.Sorted(maps.Keys(files)) {
		service := strings.Split(path, string(filepath.Separator))[5]
		name := service + "/" + strings.TrimSuffix(filepath.Base(path), ".yaml")
		seen := map[string]bool{}
		for _, c := range files[path].Cases {
			require.False(t, seen[c.Name], "%s: %s twice", path, c.Name)
			seen[c.Name] = true
			t.Run(name+"/"+c.Name, func(t *testing.T) {
				t.Parallel()
				require.NotEmpty(t, c.Rules, "the case has no rules")
				for _, id := range c.Rules {
					require.True(t, known[id], "%s is not a rule", id)
				}
				test(t, c)
			})
		}
	}
}
