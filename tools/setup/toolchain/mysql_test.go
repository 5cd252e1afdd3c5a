package toolchain

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"store-events/tools/setup/dbserver"
)

// fakeServer returns a script that prints its release and creates a data folder.
func fakeServer(version string) string {
	return `case "$*" in
*--version*) echo "mysqld  Ver ` + version + ` for Linux on x86_64 (x)" ;;
*) for a; do case $a in --datadir=*) /bin/mkdir "${a#*=}" && echo uuid > "${a#*=}/auto.cnf" && echo data > "${a#*=}/ibdata1";; esac; done ;;
esac`
}

func TestMySQLOnPathIsPrepared(t *testing.T) {
	t.Setenv(dbserver.Variable, "")
	path := program(t, "mysqld", fakeServer("8.0.36"))
	r := newRig(t)
	require.NoError(t, r.run(t.Context(), []step{r.mysql()}))
	require.Equal(t, dbserver.Choice{Folder: "path", Server: "MySQL 8.0.36 (" + path + ")"}, r.chosen())
	dir := r.in("database", "path")
	sealed, err := dbserver.Read(dir)
	require.NoError(t, err)
	require.Equal(t, "MySQL 8.0.36", sealed.String())
	require.FileExists(t, filepath.Join(dbserver.Template(dir), "ibdata1"))
	require.NoFileExists(t, filepath.Join(dbserver.Template(dir), "auto.cnf"))
	e, err := dbserver.Identify(t.Context(), dbserver.Program(dir))
	require.NoError(t, err)
	require.Equal(t, sealed, e, "the program runs")
	require.Equal(t, r.in("database", "path"), r.paths(t.Context()).Database)

	require.NoError(t, r.run(t.Context(), []step{r.mysql()}))
	require.Equal(t, []State{Fetching, Done, Cached}, r.states(StepMySQL))
	require.Equal(t, "MySQL 8.0.36 ("+path+")", r.events[len(r.events)-1].Detail)

	require.NoError(t, os.RemoveAll(r.in("database", "path")))
	require.NoError(t, r.run(t.Context(), []step{r.mysql()}))
	require.FileExists(t, dbserver.Program(r.in("database", "path")), "its result was removed")

	program(t, "mysqld", fakeServer("8.4.0"))
	require.NoError(t, r.run(t.Context(), []step{r.mysql()}))
	require.Contains(t, r.chosen().Server, "MySQL 8.4.0", "another release changes the choice")
}

func TestGivenMySQLComesFirst(t *testing.T) {
	given := program(t, "mysqld", fakeServer("9.1.0"))
	program(t, "mysqld", fakeServer("8.0.36"))
	r := newRig(t)
	for _, value := range []string{given, filepath.Dir(given)} {
		if value != given { // A base folder has the program in bin.
			require.NoError(t, os.Mkdir(filepath.Join(value, "bin"), 0o700))
			require.NoError(t, os.Rename(given, filepath.Join(value, "bin", "mysqld")))
		}
		t.Setenv(dbserver.Variable, value)
		require.NoError(t, r.run(t.Context(), []step{r.mysql()}))
		require.Equal(t, "given", r.chosen().Folder)
		require.Contains(t, r.chosen().Server, "MySQL 9.1.0")
	}
	r.ignorePath = true
	require.NoError(t, r.run(t.Context(), []step{r.mysql()}))
	require.Equal(t, "given", r.chosen().Folder, "--all ignores only PATH")
}

func TestGivenServerIsRefused(t *testing.T) {
	for version, want := range map[string]string{
		"10.11.6-MariaDB": "it is MariaDB 10.11.6, not MySQL", "5.7.44-log": "it is MySQL 5.7.44, older than MySQL 8.0",
	} {
		path := program(t, "mysqld", fakeServer(version))
		t.Setenv(dbserver.Variable, path)
		r := newRig(t)
		require.ErrorContains(t, r.run(t.Context(), []step{r.mysql()}), dbserver.Variable+"="+path+": "+want)
	}
	account := filepath.Join(t.TempDir(), "account.json")
	require.NoError(t, os.WriteFile(account, []byte("{}"), 0o600))
	t.Setenv(dbserver.Variable, account)
	program(t, "mysqld", fakeServer("8.0.36"))
	r := newRig(t)
	require.NoError(t, r.run(t.Context(), []step{r.mysql()}))
	require.Equal(t, "path", r.chosen().Folder, "the account of a running server does not change the setup")
}

func TestMariaDBIsTheFallback(t *testing.T) {
	t.Setenv(dbserver.Variable, "")
	for name, tc := range map[string]struct{ server, reason string }{
		"nothing":            {"", "apt-get, which unpacks packages of Debian-based distributions, is not on PATH"},
		"MariaDB on PATH":    {fakeServer("10.11.6-MariaDB"), "apt-get"},
		"MySQL too old":      {fakeServer("5.7.44-log"), "apt-get"},
		"MySQL that is kept": {fakeServer("8.0.36") + "\ncase \"$*\" in *--initialize*) echo 'not allowed' >&2; exit 1;; esac", "mysqld does not work here: server --no-defaults --initialize-insecure: exit status 1: not allowed; apt-get"},
	} {
		t.Run(name, func(t *testing.T) {
			program(t, "mysqld", tc.server)
			if tc.server == "" {
				program(t, "nothing", "")
			}
			r := newRig(t)
			mariadb := r.fake(StepMariaDB, nil)
			mariadb.needs, mariadb.wanted = []string{StepMySQL}, r.mariadb().wanted
			require.NoError(t, r.run(t.Context(), []step{r.mysql(), mariadb}))
			require.Equal(t, "mariadb", r.chosen().Folder)
			require.Contains(t, r.chosen().NoMySQL, tc.reason)
			require.Equal(t, []State{Queued, Building, Done}, r.states(StepMariaDB))
			require.Contains(t, r.mysql().summary(), "WARNING: no MySQL, so MariaDB stands in")
			require.Equal(t, r.in("database", "mariadb"), r.paths(t.Context()).Database)
		})
	}
}

func TestMariaDBIsFetchedOnlyIfNeeded(t *testing.T) {
	t.Setenv(dbserver.Variable, "")
	program(t, "mysqld", fakeServer("8.0.36"))
	r := newRig(t)
	mariadb := r.fake(StepMariaDB, nil)
	mariadb.needs, mariadb.wanted = []string{StepMySQL}, r.mariadb().wanted
	require.NoError(t, r.run(t.Context(), []step{r.mysql(), mariadb}))
	require.Empty(t, r.states(StepMariaDB))
	require.True(t, r.present(t.Context(), mariadb), "nothing is missing")

	r.named = map[string]bool{StepMariaDB: true}
	require.False(t, r.present(t.Context(), mariadb))
	require.NoError(t, r.run(t.Context(), []step{r.mysql(), mariadb}))
	require.Equal(t, []State{Queued, Building, Done}, r.states(StepMariaDB))
}

func TestMySQLIsLookedForAgainAfterADay(t *testing.T) {
	t.Setenv(dbserver.Variable, "")
	program(t, "nothing", "")
	r := newRig(t)
	look := func(want ...State) {
		t.Helper()
		require.NoError(t, r.run(t.Context(), []step{r.mysql()}))
		require.Equal(t, want, r.states(StepMySQL))
		r.events = nil
	}
	look(Fetching, Done)
	look(Cached)
	yesterday := time.Now().Add(-25 * time.Hour)
	require.NoError(t, os.Chtimes(dbserver.ChoiceFile(r.in("database")), yesterday, yesterday))
	require.True(t, r.present(t.Context(), r.mysql()), "programs that use the tools do not wait for that")
	look(Fetching, Done)
}
