package database_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"store-events/local/database"
	"store-events/local/store"
	"store-events/local/testtools"
)

func TestServerOfTheUser(t *testing.T) {
	// The user's server is one of ours, with its master user as the account.
	state, s := t.TempDir(), spec(t)
	s.Parameters = nil
	require.NoError(t, open(t, testtools.Database(t), state).Create(t.Context(), s))
	account := write(t, fmt.Sprintf(`{"host": "127.0.0.1", "port": %d, "user": %q, "password": %q}`, s.Port, s.User, s.Password))
	st, err := store.Open(filepath.Join(t.TempDir(), "services.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, st.Close()) })
	external, err := database.OpenExternal(account, st)
	require.NoError(t, err)
	require.NoError(t, external.Resume(t.Context()))

	in := database.Spec{ID: "Events", User: "events", Password: "first", Database: "events", Port: s.Port}
	require.NoError(t, external.Create(t.Context(), in))
	require.NoError(t, connect(t, state, in, nil).PingContext(t.Context()))
	require.Equal(t, []database.Status{{ID: "events", Host: "127.0.0.1", Port: s.Port, Running: true}}, external.List())

	require.NoError(t, external.SetPassword(t.Context(), "events", "second"))
	require.Error(t, connect(t, state, in, nil).PingContext(t.Context()))
	in.Password = "second"
	require.NoError(t, connect(t, state, in, nil).PingContext(t.Context()))

	require.NoError(t, external.Delete("events"))
	require.Empty(t, external.List())
	require.Error(t, connect(t, state, in, nil).PingContext(t.Context()))
	require.ErrorIs(t, external.Delete("events"), database.ErrNotFound)
}

func TestAccountFileIsChecked(t *testing.T) {
	open := write(t, `{"host": "h", "port": 1, "user": "u", "password": "p"}`)
	require.NoError(t, os.Chmod(open, 0o644)) //nolint:gosec // what is to be refused
	_, err := database.OpenExternal(open, nil)
	require.ErrorContains(t, err, "chmod 600")

	_, err = database.OpenExternal(write(t, `{"host": "h", "password": "se-cret"`), nil)
	require.ErrorContains(t, err, `must be {"host"`)
	require.NotContains(t, err.Error(), "se-cret")
}

func write(t *testing.T, content string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "account.json")
	require.NoError(t, os.WriteFile(file, []byte(content), 0o600))
	return file
}
