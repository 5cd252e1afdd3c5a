package e2e

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// passesPolicies checks the deployed stack, where no value is unknown.
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
	require.NotEmpty(t, v.Violations, "a local stack does not follow all advice")
}
