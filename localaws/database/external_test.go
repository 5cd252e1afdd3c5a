package database_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/stretchr/testify/require"

	"localaws/database"
	"localaws/store"
	"localaws/testtools"
)

// serverOfTheUser starts a server, and opens it as an external server with its master user as the account.
func serverOfTheUser(t *testing.T) (state string, s database.Spec, external *database.External) {
	t.Helper()
	state, s = t.TempDir(), spec(t)
	s.Parameters = nil
	require.NoError(t, open(t, testtools.Database(t), state).Create(t.Context(), s))
	account := write(t, fmt.Sprintf(`{"host": "127.0.0.1", "port": %d, "user": %q, "password": %q}`, s.Port, s.User, s.Password))
	st, err := store.Open(filepath.Join(t.TempDir(), "services.db"))
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, st.Close()) })
	external, err = database.OpenExternal(account, st)
	require.NoError(t, err)
	return state, s, external
}

func TestServerOfTheUser(t *testing.T) {
	state, s, external := serverOfTheUser(t)
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

// Existing data on the user's server is kept, even when the instance is deleted.
func TestServerOfTheUserKeepsItsData(t *testing.T) {
	state, s, external := serverOfTheUser(t)
	owner := connect(t, state, s, nil)
	for _, statement := range []string{
		"CREATE DATABASE shop", "CREATE TABLE shop.orders (id int)", "INSERT INTO shop.orders VALUES (7)",
		"CREATE DATABASE tillXdb", "CREATE TABLE tillXdb.t (id int)",
		"CREATE USER 'clerk'@'%' IDENTIFIED BY 'clerk'",
	} {
		_, err := owner.ExecContext(t.Context(), statement)
		require.NoError(t, err, statement)
	}
	count := func(query string) (n int) {
		require.NoError(t, owner.QueryRowContext(t.Context(), query).Scan(&n), query)
		return n
	}
	in := database.Spec{ID: "events", User: "events", Password: "first", Database: "shop", Port: s.Port}
	var exists *database.ExistsError
	require.ErrorAs(t, external.Create(t.Context(), in), &exists)
	require.ErrorContains(t, external.Create(t.Context(), in), "the database shop already exists", "the failed creation left nothing")
	require.Empty(t, external.List())
	require.ErrorIs(t, external.Delete("events"), database.ErrNotFound)
	in.Database, in.User = "fresh", "clerk"
	require.ErrorContains(t, external.Create(t.Context(), in), "the user clerk already exists")
	require.Equal(t, 1, count("SELECT count(*) FROM shop.orders"))
	require.NoError(t, connect(t, state, database.Spec{User: "clerk", Password: "clerk", Port: s.Port}, nil).PingContext(t.Context()))

	in.Database, in.User = "till_db", "events"
	_, err := owner.ExecContext(t.Context(), "DROP DATABASE till_db") // directly on the server
	require.NoError(t, err)
	require.NoError(t, external.Create(t.Context(), in))
	require.Error(t, external.Create(t.Context(), in), "an existing instance is not created again")
	master := connect(t, state, in, nil)
	for statement, allowed := range map[string]bool{
		"CREATE TABLE sold (id int)":                          true,
		"CREATE USER 'loader'@'%' IDENTIFIED BY 'loader'":     true,
		"GRANT SELECT, CREATE ON till_db.sold TO 'clerk'@'%'": true,
		"SELECT * FROM shop.orders":                           false,
		"DROP DATABASE shop":                                  false,
		"SELECT * FROM tillXdb.t":                             false,
		"GRANT SELECT ON shop.* TO 'events'@'%'":              false,
		"GRANT ALL ON *.* TO 'events'@'%'":                    false,
		"CREATE DATABASE other":                               false,
	} {
		_, err := master.ExecContext(t.Context(), statement)
		require.Equal(t, allowed, err == nil, "%s: %v", statement, err)
	}
	require.NoError(t, external.Delete("events"))
	require.Equal(t, 1, count("SELECT count(*) FROM shop.orders"))
	require.Zero(t, count("SELECT count(*) FROM information_schema.schemata WHERE schema_name = 'till_db'"))
}

func TestAccountFileIsChecked(t *testing.T) {
	open := write(t, `{"host": "h", "port": 1, "user": "u", "password": "p"}`)
	require.NoError(t, os.Chmod(open, 0o644)) //nolint:gosec // must be refused
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
