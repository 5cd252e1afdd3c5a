package database_test

import (
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"localaws/database"
	"localaws/database/engine"
	"localaws/testtools"
)

const password = `it's a \ "pass`

// eachEngine runs a test on the server that the setup chose, and on the one
// that other machines use.
func eachEngine(t *testing.T, test func(t *testing.T, serverDir string)) {
	t.Helper()
	t.Run("chosen", func(t *testing.T) { test(t, testtools.Database(t)) })
	t.Run("MariaDB", func(t *testing.T) { test(t, testtools.MariaDB(t)) })
}

func open(t *testing.T, serverDir, state string) *database.Servers {
	t.Helper()
	servers, err := database.Open(database.Options{ServerDir: serverDir, StateDir: state, ResetAdvice: "begin again", Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, servers.Close()) })
	return servers
}

func spec(t *testing.T) database.Spec {
	return database.Spec{
		ID: "Events-DB", User: "shopmaster", Password: password, Database: "till_db", Port: testtools.FreePort(t),
		Parameters: map[string]string{"local_infile": "1", "require_secure_transport": "ON", "innodb_buffer_pool_size": "{DBInstanceClassMemory*3/4}", "only_mysql_has_this": "7"},
	}
}

func connect(t *testing.T, state string, s database.Spec, change func(*mysql.Config)) *sql.DB {
	t.Helper()
	pem, err := os.ReadFile(database.CAFile(state))
	require.NoError(t, err)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(pem))
	cfg := mysql.NewConfig()
	cfg.Net, cfg.Addr, cfg.DBName = "tcp", net.JoinHostPort("127.0.0.1", portText(s.Port)), s.Database
	cfg.User, cfg.Passwd = s.User, s.Password
	cfg.TLS = &tls.Config{RootCAs: pool, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}
	if change != nil {
		change(cfg)
	}
	connector, err := mysql.NewConnector(cfg)
	require.NoError(t, err)
	db := sql.OpenDB(connector)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

func TestServerOperations(t *testing.T) {
	eachEngine(t, serverOperations)
}

func serverOperations(t *testing.T, serverDir string) {
	state, s := t.TempDir(), spec(t)
	servers := open(t, serverDir, state)
	require.NoError(t, servers.Create(t.Context(), s))

	db := connect(t, state, s, nil)
	_, err := db.ExecContext(t.Context(), "CREATE TABLE sold (id int primary key, what text)")
	require.NoError(t, err)
	_, err = db.ExecContext(t.Context(), "INSERT INTO sold VALUES (1, 'bücher 📚')")
	require.NoError(t, err)
	require.Equal(t, "1", variable(t, db, "@@local_infile"))
	require.Equal(t, "utf8mb4", variable(t, db, "@@character_set_server"))
	require.Equal(t, "268435456", variable(t, db, "@@innodb_buffer_pool_size"))
	require.Equal(t, "utf8mb4_0900_ai_ci", variable(t, db, "@@collation_server"))

	require.NoError(t, servers.SetPassword(t.Context(), s.ID, "changed"))
	require.Error(t, connect(t, state, s, nil).PingContext(t.Context()), "the old password")
	s.Password = "changed"
	require.NoError(t, connect(t, state, s, nil).PingContext(t.Context()))

	require.NoError(t, servers.Close())
	servers = open(t, serverDir, state) // like the next run
	require.NoError(t, servers.Resume(t.Context()))
	require.Equal(t, "bücher 📚", variable(t, connect(t, state, s, nil), "(SELECT what FROM sold)"))

	require.NoError(t, servers.Restart(t.Context(), s.ID, map[string]string{"local_infile": "0"}))
	require.Equal(t, "0", variable(t, connect(t, state, s, nil), "@@local_infile"))

	require.NoError(t, servers.Stop(s.ID))
	e, err := engine.Open(serverDir)
	require.NoError(t, err)
	require.Equal(t, []database.Status{{
		ID: "events-db", Engine: e.Name, Version: e.Version, Host: "127.0.0.1", Port: s.Port, Stopped: true,
	}}, servers.List())
	require.NoError(t, servers.Resume(t.Context()))
	require.False(t, servers.List()[0].Running, "a stopped server stays stopped")
	require.NoError(t, servers.Start(t.Context(), s.ID))
	require.True(t, servers.List()[0].Running)

	require.NoError(t, servers.Delete(s.ID))
	require.Empty(t, servers.List())
	require.NoDirExists(t, filepath.Join(state, "events-db"))
}

func TestServerRefusesUnauthorizedAccess(t *testing.T) {
	eachEngine(t, serverRefusesUnauthorizedAccess)
}

func serverRefusesUnauthorizedAccess(t *testing.T, serverDir string) {
	state, s := t.TempDir(), spec(t)
	require.NoError(t, open(t, serverDir, state).Create(t.Context(), s))

	for name, change := range map[string]func(*mysql.Config){
		"without TLS":           func(c *mysql.Config) { c.TLS = nil },
		"root":                  func(c *mysql.Config) { c.User, c.Passwd, c.DBName = "root", "", "" },
		"nobody":                func(c *mysql.Config) { c.User, c.Passwd, c.DBName = "", "", "" },
		"wrong password":        func(c *mysql.Config) { c.Passwd = "guess" },
		"other CA certificates": func(c *mysql.Config) { c.TLS = &tls.Config{ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12} },
	} {
		require.Error(t, connect(t, state, s, change).PingContext(t.Context()), name)
	}
	db := connect(t, state, s, nil)
	for _, refused := range []string{
		"SET GLOBAL general_log = 1", "SELECT 1 INTO OUTFILE '/tmp/never'", "SELECT * FROM sold INTO OUTFILE '/tmp/never'",
	} {
		_, err := db.ExecContext(t.Context(), refused)
		require.Error(t, err, "a master user has neither SUPER nor FILE: %s", refused)
	}
}

// The privileges of RDS's master user, see UsingWithRDS.MasterAccounts in its
// documentation.
func TestMasterUserOfMySQL(t *testing.T) {
	state, s := t.TempDir(), spec(t)
	s.Password = `semicolon; -- and more`
	require.NoError(t, open(t, mySQLDir(t), state).Create(t.Context(), s))
	db := connect(t, state, s, nil)
	for _, allowed := range []string{
		"CREATE USER loader@'%' IDENTIFIED BY 'x' REQUIRE SSL", "GRANT SELECT, INSERT ON till_db.* TO loader@'%'",
		"CREATE ROLE analyst", "GRANT SELECT ON till_db.* TO analyst", "GRANT analyst TO loader@'%'",
		"SET ROLE rds_superuser_role", "FLUSH STATUS", "XA RECOVER",
		"ALTER USER loader@'%' IDENTIFIED BY 'y' RETAIN CURRENT PASSWORD",
	} {
		_, err := db.ExecContext(t.Context(), allowed)
		require.NoError(t, err, allowed)
	}
	for statement, missing := range map[string]string{
		"SET SESSION max_error_count = 65535":     "SESSION_VARIABLES_ADMIN",
		"SET GLOBAL local_infile = 0":             "SYSTEM_VARIABLES_ADMIN",
		"SET PERSIST max_connections = 5":         "SYSTEM_VARIABLES_ADMIN",
		"SELECT 1 INTO OUTFILE '/tmp/never'":      "FILE",
		"GRANT SUPER ON *.* TO loader@'%'":        "Access denied",
		"GRANT SYSTEM_USER ON *.* TO loader@'%'":  "GRANT OPTION",
		"SHUTDOWN":                                "SHUTDOWN",
		"SET GLOBAL general_log = 1":              "SYSTEM_VARIABLES_ADMIN",
		"INSTALL PLUGIN p SONAME 'p.so'":          "INSERT command denied",
		"CREATE TABLESPACE t ADD DATAFILE 't'":    "CREATE TABLESPACE",
		"ALTER INSTANCE ROTATE INNODB MASTER KEY": "ENCRYPTION_KEY_ADMIN",
	} {
		_, err := db.ExecContext(t.Context(), statement)
		require.ErrorContains(t, err, missing, statement)
	}
	require.Equal(t, "caching_sha2_password", variable(t, db, "(SELECT plugin FROM mysql.user WHERE user = 'loader')"))
	require.Equal(t, "0", variable(t, db, "(SELECT count(*) FROM mysql.user WHERE user = 'root')"))
}

// mySQLDir returns the folder of the chosen server, which must be MySQL.
func mySQLDir(t *testing.T) string {
	t.Helper()
	dir := testtools.Database(t)
	e, err := engine.Open(dir)
	require.NoError(t, err)
	require.Equal(t, engine.MySQL, e.Name, "the setup found no MySQL")
	return dir
}

func TestParametersOfAGroupApply(t *testing.T) {
	state, s := t.TempDir(), spec(t)
	s.Parameters = map[string]string{"max_error_count": "65535", "local_infile": "1", "long_query_time": "2"}
	servers := open(t, mySQLDir(t), state)
	require.NoError(t, servers.Create(t.Context(), s))
	db := connect(t, state, s, nil)
	require.Equal(t, "65535", variable(t, db, "@@max_error_count"))
	require.Equal(t, "2", variable(t, db, "@@long_query_time"))
	require.NoError(t, servers.SetParameters(t.Context(), s.ID, map[string]string{"max_error_count": "7"}))
	require.Equal(t, "7", variable(t, connect(t, state, s, nil), "@@max_error_count"))
}

func TestDataOfAnotherEngineAreRefused(t *testing.T) {
	state, s := t.TempDir(), spec(t)
	servers := open(t, testtools.MariaDB(t), state)
	require.NoError(t, servers.Create(t.Context(), s))
	require.NoError(t, servers.Close())

	servers = open(t, mySQLDir(t), state)
	err := servers.Resume(t.Context())
	require.ErrorContains(t, err, "MariaDB created its data, but the installed server is MySQL")
	require.ErrorContains(t, err, ": begin again")
	require.NoError(t, open(t, testtools.MariaDB(t), state).Resume(t.Context()), "no file was changed")
}

func TestNoFileContainsThePassword(t *testing.T) { eachEngine(t, noFileContainsThePassword) }

func noFileContainsThePassword(t *testing.T, serverDir string) {
	state, s := t.TempDir(), spec(t)
	s.Password = "find-me-in-a-file"
	servers := open(t, serverDir, state)
	require.NoError(t, servers.Create(t.Context(), s))
	require.NoError(t, servers.SetPassword(t.Context(), s.ID, "find-me-in-a-file-too"))
	require.NoError(t, servers.Close())

	require.NoError(t, filepath.WalkDir(state, func(path string, entry os.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		raw, err := os.ReadFile(path) //nolint:gosec // in the test's folder
		require.NotContains(t, string(raw), "find-me-in-a-file", path)
		return err
	}))
}

func TestCreationAfterAKilledOne(t *testing.T) {
	state, s := t.TempDir(), spec(t)
	dir := filepath.Join(state, "events-db")
	require.NoError(t, os.CopyFS(filepath.Join(dir, "data"), os.DirFS(engine.Template(testtools.MariaDB(t)))))
	require.NoError(t, os.WriteFile(filepath.Join(dir, "init.sql"), []byte("CREATE USER"), 0o600))

	servers := open(t, testtools.MariaDB(t), state)
	require.Empty(t, servers.List())
	require.NoError(t, servers.Create(t.Context(), s))
	require.NoError(t, connect(t, state, s, nil).PingContext(t.Context()))
}

func TestTakenPortIsReported(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = l.Close() }()
	s := spec(t)
	s.Port = l.Addr().(*net.TCPAddr).Port

	servers := open(t, testtools.Database(t), t.TempDir())
	err = servers.Create(t.Context(), s)
	var taken *database.PortTakenError
	require.ErrorAs(t, err, &taken)
	require.ErrorContains(t, err, portText(s.Port))
	require.Empty(t, servers.List(), "no file remains")
}

func TestDeathIsReported(t *testing.T) { eachEngine(t, deathIsReported) }

func deathIsReported(t *testing.T, serverDir string) {
	state, s := t.TempDir(), spec(t)
	servers := open(t, serverDir, state)
	require.NoError(t, servers.Create(t.Context(), s))
	raw, err := os.ReadFile(filepath.Join(state, "events-db", "server.pid")) //nolint:gosec // in the test's folder
	require.NoError(t, err)
	kill(t, string(raw))

	require.Eventually(t, func() bool { return servers.List()[0].Error != "" }, waitFor, tick)
	require.Contains(t, servers.List()[0].Error, "killed")
	require.NoError(t, servers.Start(t.Context(), s.ID), "and it recovers")
	require.NoError(t, connect(t, state, s, nil).PingContext(t.Context()))
}

func variable(t *testing.T, db *sql.DB, expression string) string {
	t.Helper()
	var value string
	require.NoError(t, db.QueryRowContext(t.Context(), "SELECT "+expression).Scan(&value))
	return value
}
