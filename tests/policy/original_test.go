package policy_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/tests/policy/original"
)

// original/violations.<environment>.txt lists the violations of the original architecture, one "rule resource" a
// line; "stack" is the stack itself. docs/policies.md is generated from these files.
func TestOriginalArchitectureFails(t *testing.T) {
	t.Parallel()
	for _, stack := range []string{"prod", "dev"} {
		t.Run(stack, func(t *testing.T) {
			t.Parallel()
			text, err := os.ReadFile("original/violations." + stack + ".txt") //nolint:gosec // A file beside this test.
			require.NoError(t, err)
			o := preview(t, stack, original.Deploy)
			require.Error(t, o.Err)
			require.Equal(t, string(text), violations(o, stack), o.Log)
		})
	}
}

// violations lists the violations of a preview, without duplicates. The stack's resource is named by project and stack.
func violations(o outcome, stack string) string {
	list := slices.Compact(slices.Sorted(slices.Values(o.mandatory())))
	return strings.ReplaceAll(strings.Join(list, "\n")+"\n", " policy-test-"+stack+"\n", " stack\n")
}
