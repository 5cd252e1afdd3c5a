package main

import (
	"bytes"
	"io"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"store-events/program/project"
)

func TestMutantsOfASample(t *testing.T) {
	root, err := project.Find(".")
	require.NoError(t, err)
	r, err := target{name: "tests/mutants/sample"}.measure(t.Context(), root, options{jobs: 2, grace: time.Second, progress: io.Discard})
	require.NoError(t, err)
	survivors := map[string]outcome{}
	for _, s := range r.Survivors {
		require.Equal(t, "tests/mutants/sample/sample.go", s.File)
		survivors[s.What] = s.Outcome
	}
	require.Equal(t, map[string]outcome{
		"leave out the field Name": survived,
		`change "day"`:             survived,
		"change 1":                 notReached,
	}, survivors, "no test looks at a window's name, or calls Unused")
	require.Positive(t, r.Timeouts, "without i++ the loop does not end")
	require.Equal(t, r.Mutants, r.Killed+r.Timeouts+len(r.Survivors))
	require.Greater(t, r.Killed, 10)
	require.NoError(t, enough([]result{r}, 50))
	require.ErrorContains(t, enough([]result{r}, 99), "tests/mutants/sample: ")
	var out bytes.Buffer
	require.NoError(t, r.list(&out))
	require.Regexp(t, `sample.go:\d+ +not reached +change 1\n`, out.String())
}

// A mutant is checked only by the tests that reach it, which saves much time in large packages.
func TestMutantIsCheckedByTestsThatReachIt(t *testing.T) {
	root, err := project.Find(".")
	require.NoError(t, err)
	folder, reached := t.TempDir(), map[string][]string{}
	m, err := mutate(root, folder, []string{"./tests/mutants/sample"})
	require.NoError(t, err)
	b := &binary{pkg: "tests/mutants/sample"}
	require.NoError(t, b.compile(t.Context(), root, folder, m))
	for _, s := range m.sites {
		reached[s.What] = b.reaches[s.ID]
	}
	require.Equal(t, []string{"TestSum"}, reached["another operator instead of <: i < len(numbers), 1 of 2"])
	require.Equal(t, []string{"TestHas"}, reached["another operator instead of &&: hour >= w.From && hour < w.To"])
	require.Equal(t, []string{"TestHas", "TestSum"}, reached["leave out the field To"], "the code runs before all tests")
	require.Empty(t, reached["change 1"])
}

func TestSampleIsSpread(t *testing.T) {
	sites := []site{{ID: 1}, {ID: 2}, {ID: 3}, {ID: 4}, {ID: 5}}
	require.Equal(t, []site{{ID: 1}, {ID: 3}}, spread(sites, 2))
	require.Equal(t, sites, spread(sites, 0))
	require.Equal(t, sites, spread(sites, 9))
	var out bytes.Buffer
	require.NoError(t, table(&out, result{Package: "a", Total: 5, Mutants: 2, Killed: 2}))
	require.Regexp(t, `a +2 of 5 +2`, out.String())
}

func TestUnknownPackagesAreRefused(t *testing.T) {
	require.ErrorContains(t, run(t.Context(), []string{"-packages", "ops"}, io.Discard, io.Discard), "no package ops with mutants")
}

func TestJustifiedMutantsDoNotCount(t *testing.T) {
	sites := []site{{File: "a.go", What: "change 1", code: "x := 1"}, {File: "a.go", What: "change 2", code: "x := 2"}, {File: "b.go", What: "change 1"}}
	reasons := []reason{{"a.go", "x :=", "change 1", "x is not used"}, {"b.go", "y", "", "y is not used"}}
	r := newResult("a", sites, []outcome{survived, killed, killed}, reasons)
	require.Len(t, r.Justified, 1)
	require.Equal(t, "x is not used", r.Justified[0].Reason)
	require.Equal(t, 100.0, r.Share)
	require.ErrorContains(t, enough([]result{r}, 90), "y is not used", "an unused reason is refused")
	r = newResult("a", sites, []outcome{survived, survived, killed}, reasons)
	require.Equal(t, 50.0, r.Share)
}

// An outdated reason would only be noticed by a run of all mutants.
func TestJustifiedCodeExists(t *testing.T) {
	dir, err := project.Find(".")
	require.NoError(t, err)
	for _, r := range justified {
		source, err := os.ReadFile(filepath.Join(dir, r.file)) //nolint:gosec // A file of the project.
		require.NoError(t, err)
		require.Contains(t, string(source), r.code, r.file)
	}
}

// A run that is slow because the machine is busy does not kill a mutant.
func TestTimeoutIsRetriedWithALongerLimit(t *testing.T) {
	for name, want := range map[string]outcome{"exit 0": survived, "exit 1": killed, "exec sleep 60": timeout} {
		folder := t.TempDir()
		script := filepath.Join(folder, "late.test")
		// The first run is slow. The second one ends immediately, unless the mutant does not end.
		body := "#!/bin/sh\nif [ -e tried ]; then " + name + "; fi\ntouch tried\nexec sleep 60\n"
		require.NoError(t, os.WriteFile(script, []byte(body), 0o700)) //nolint:gosec // The script is run.
		b := &binary{path: script, dir: folder, limit: 300 * time.Millisecond, reaches: map[int][]string{1: {"TestA"}}}
		result, err := b.kills(t.Context(), 1)
		require.NoError(t, err)
		require.Equal(t, want, result, name)
	}
}
