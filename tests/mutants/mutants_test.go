package main

import (
	"bytes"
	"io"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestMutantsOfASample(t *testing.T) {
	project, err := checkout(t.Context())
	require.NoError(t, err)
	r, err := target{name: "tests/mutants/sample"}.measure(t.Context(), project, options{jobs: 2, progress: io.Discard})
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
	require.NoError(t, table(&out, []result{r}))
	require.Regexp(t, `sample.go:\d+ +not reached +change 1\n`, out.String())
}

func TestUnknownPackagesAreRefused(t *testing.T) {
	require.ErrorContains(t, run(t.Context(), []string{"-packages", "ops"}, io.Discard, io.Discard), "no package ops with mutants")
}
