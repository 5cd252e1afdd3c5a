package rules

import (
	"testing"

	"github.com/stretchr/testify/require"
)

// Every control of the catalog is either enforced or exempt.
func TestEnforcedAndExempt(t *testing.T) {
	ids := map[string]bool{}
	for _, r := range All() {
		require.False(t, ids[r.ID], "%s twice", r.ID)
		ids[r.ID] = true
	}
	require.Len(t, ids, 212)
	for _, e := range Exempt() {
		require.False(t, ids[e.ID], "%s is enforced and exempt", e.ID)
		require.NotEmpty(t, e.Reason, e.ID)
		ids[e.ID] = true
	}
	require.Len(t, ids, 236)
}
