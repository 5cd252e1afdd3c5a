package store

import (
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"
)

type doc struct{ Name string }

func TestStoreSurvivesReopening(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	s, err := Open(path)
	require.NoError(t, err)
	require.NoError(t, s.Put("jobs", "b", doc{"b"}))
	require.NoError(t, s.Put("jobs", "a", doc{"a"}))
	require.NoError(t, s.Close())

	s, err = Open(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	var d doc
	require.NoError(t, s.Get("jobs", "a", &d))
	require.Equal(t, doc{"a"}, d)
	all, err := List[doc](s, "jobs")
	require.NoError(t, err)
	require.Equal(t, []doc{{"a"}, {"b"}}, all)

	require.NoError(t, s.Delete("jobs", "a"))
	require.ErrorIs(t, s.Get("jobs", "a", &d), ErrNotFound)
	require.NoError(t, s.Delete("nothing", "a"))
	none, err := List[doc](s, "nothing")
	require.NoError(t, err)
	require.Empty(t, none)
}

func TestSecondOpenFails(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	s, err := Open(path)
	require.NoError(t, err)
	defer func() { require.NoError(t, s.Close()) }()
	_, err = Open(path)
	require.ErrorContains(t, err, path)
}
