package ops

import (
	"context"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"
)

// An interrupted destroy may have deleted the instance: the next one continues.
func TestTeardownContinuesWithoutTheDatabase(t *testing.T) {
	for code, ends := range map[string]bool{"DBInstanceNotFound": false, "AccessDenied": true} {
		f, o := newFake(t)
		f.answers("DescribeDBInstances", awsError{code, "db"})
		f.answers("ModifyDBInstance", awsError{code, "db"})
		for _, err := range []error{o.StartForTeardown(t.Context()), o.UnprotectDatabase(t.Context())} {
			require.Equal(t, ends, err != nil, "%s: %v", code, err)
		}
		require.Error(t, o.StartDatabase(t.Context()), "resume needs the instance")
	}
}

// A destroy that failed halfway has lifted the protection, which the engine does not see.
func TestProtectionIsSetAgain(t *testing.T) {
	for state, calls := range map[string]int{"available": 1, "available, protected": 0} {
		f, o := newFake(t)
		f.answers("DescribeDBInstances", state)
		f.answers("ModifyDBInstance", "modifying")
		require.NoError(t, o.ProtectDatabase(t.Context()))
		require.Equal(t, calls, f.called("ModifyDBInstance"), state)
	}
	f, o := newFake(t)
	f.answers("DescribeDBInstances", "available")
	f.answers("ModifyDBInstance", awsError{"AccessDenied", "no"})
	require.ErrorContains(t, o.ProtectDatabase(t.Context()), "deletion protection of db")
}

func TestKeysWithControlCharactersAreDeleted(t *testing.T) {
	f, o := newFake(t)
	kept := []string{"sale_events/dt=2026-05-30/a.json", "sale_events/dt=2026-05-31/b.json", "sale_events/dt=2026-05-31/c.json", "sale_events/a b.json", "sale_events/c+d%2F.json", "sale_events/tab\there.json", "sale_events/ü雪.json"}
	for _, key := range append([]string{"sale_events/a\x01b.json", "sale_events/c\x1b[31m.json", "sale_events/d\r.json", "sale_events/e\uffff.json"}, kept...) {
		f.objects[key] = []byte("x")
	}
	n, err := o.DeleteObstacles(t.Context())
	require.NoError(t, err)
	require.Equal(t, 4, n)
	require.Equal(t, 4, f.called("DeleteObject"))
	var rest []string
	for key := range f.objects {
		rest = append(rest, key)
	}
	require.ElementsMatch(t, kept, rest)
}

func TestEveryKeyIsListed(t *testing.T) {
	f, o := newFake(t)
	keys := []string{"sale_events/a\x01b", "sale_events/c d", "sale_events/e+f", "sale_events/g%2Fh", "sale_events/ü"}
	for _, key := range keys {
		f.objects[key] = []byte("x")
	}
	var mu sync.Mutex
	var got []string
	require.NoError(t, o.bucket.Each(t.Context(), "sale_events/", func(_ context.Context, key string) error {
		mu.Lock()
		defer mu.Unlock()
		got = append(got, key)
		return nil
	}))
	slices.Sort(got)
	require.Equal(t, keys, got)
}
