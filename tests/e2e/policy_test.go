package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// passesPolicies checks what is deployed: nothing is unknown there.
func (s *stack) passesPolicies(t *testing.T) {
	t.Helper()
	var v struct {
		Resources  int
		Summary    struct{ Mandatory, Undecided int }
		Violations []struct{ Policy, Severity, Resource string }
	}
	s.run(t, &v, "policy", "check")
	require.Greater(t, v.Resources, 50)
	require.Zero(t, v.Summary.Mandatory, "%v", v.Violations)
	require.Zero(t, v.Summary.Undecided)
	require.NotEmpty(t, v.Violations, "some advice is never followed on this machine")
}
