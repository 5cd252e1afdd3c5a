package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/policy/rule"
	"store-events/program/project"
)

func TestPageIsFresh(t *testing.T) {
	root, err := project.Find(".")
	require.NoError(t, err)
	want, err := page(root)
	require.NoError(t, err)
	got, err := os.ReadFile(filepath.Join(root, pageFile)) //nolint:gosec // A page of the repository.
	require.NoError(t, err)
	if string(got) != want {
		t.Fatalf("%s is stale: run `go generate ./policy/cmd/docgen`", pageFile)
	}
}

func TestRuleWithoutTestIsRefused(t *testing.T) {
	root, err := project.Find(".")
	require.NoError(t, err)
	_, err = places(root, []rule.Rule{{ID: "s3-no-such-rule"}})
	require.ErrorContains(t, err, "rule s3-no-such-rule: expected one file that declares it and one test file in its folder")
}

// A rule that is only mentioned by another rule's mutation has no mutation.
func TestMutationsAreFoundByTheirRule(t *testing.T) {
	root, err := project.Find(".")
	require.NoError(t, err)
	found, err := mutations(root)
	require.NoError(t, err)
	require.Equal(t, "tests/policy/mutation/s3.go", found["s3-encryption-cmk"], "observability and logging break it too")
	require.NotContains(t, found, "s3-no-such-rule")
}

func TestCellEscapes(t *testing.T) {
	require.Equal(t, `a\|b \* &lt;c`, cell("a|b\n* <c"))
}
