package main

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/policy/rule"
)

func TestPageIsFresh(t *testing.T) {
	root, err := findRoot()
	require.NoError(t, err)
	want, err := page(root)
	require.NoError(t, err)
	got, err := os.ReadFile(filepath.Join(root, pageFile)) //nolint:gosec // A page of the repository.
	require.NoError(t, err)
	if string(got) != want {
		t.Fatalf("%s is stale: run `go generate ./policy/catalogue`", pageFile)
	}
}

func TestRuleWithoutTestIsRefused(t *testing.T) {
	root, err := findRoot()
	require.NoError(t, err)
	_, err = places(root, []rule.Rule{{ID: "s3-no-such-rule"}})
	require.ErrorContains(t, err, "rule s3-no-such-rule: want one file that declares it and one test beside it")
}

func TestCellKeepsTheTable(t *testing.T) {
	require.Equal(t, `a\|b \* &lt;c`, cell("a|b\n* <c"))
}
