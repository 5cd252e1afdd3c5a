package program

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/require"
)

// scoped are the types whose names need not be unique in an account and region.
var scoped = map[string]string{
	"aws:athena/namedQuery:NamedQuery":   "belongs to a workgroup, and may share its name there",
	"aws:glue/catalogTable:CatalogTable": "belongs to a database",
}

// given returns the names that the program sets. Other names get a random suffix from the
// provider.
func (s stack) given() map[string]string {
	names := map[string]string{}
	for _, r := range s.Resources {
		if _, ok := scoped[r.Type]; ok {
			continue
		}
		for _, key := range []string{"name", "identifier", "bucket", "functionName", "finalSnapshotIdentifier", "namePrefix"} {
			if value, ok := r.Inputs[key].(string); ok && value != "" {
				names[fmt.Sprintf("%s %s", r.Type, value)] = r.Name
			}
		}
	}
	return names
}

// dev and prod can share an account and region.
func TestStacksShareNoName(t *testing.T) {
	all, err := deployed()
	require.NoError(t, err)
	owner := map[string]string{}
	for _, s := range all {
		names := s.given()
		require.Greater(t, len(names), 15)
		for name, resource := range names {
			require.Empty(t, owner[name], "%s has the name of a resource of another stack: %s", resource, name)
			owner[name] = resource
		}
	}
}
