package dbuser

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql/driver"
	"errors"
	"fmt"
	"maps"
	"testing"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"store-events/lambda/rotation/internal/login"
)

func TestUnsuitableSettings(t *testing.T) {
	good := map[string]string{
		"version": "8.0.mysql_aurora.3.05.2", "local_infile": "ON", "log_bin": "ON", "binlog_format": "ROW",
		"max_connections": "90", "read_only": "OFF", "innodb_read_only": "OFF",
		"max_allowed_packet": "67108864", "max_binlog_cache_size": "18446744073709547520",
	}
	require.Empty(t, unfit(good, 90))
	require.Empty(t, unfit(map[string]string{"version": "11.4.5-MariaDB"}, 90), "missing variables are not problems")
	for name, tc := range map[string]struct {
		change  map[string]string
		message string
	}{
		"version":     {map[string]string{"version": "5.7.44"}, "the server has version 5.7.44: MySQL 8.0.23 or later is needed"},
		"columns":     {map[string]string{"version": "8.0.22-commercial"}, "the server has version 8.0.22-commercial: MySQL 8.0.23 or later is needed"},
		"infile":      {map[string]string{"local_infile": "OFF"}, "local_infile is OFF"},
		"binlog":      {map[string]string{"binlog_format": "STATEMENT"}, "set it to ROW"},
		"replica":     {map[string]string{"read_only": "ON"}, "name the writer"},
		"reader":      {map[string]string{"innodb_read_only": "ON"}, "name the writer"},
		"group":       {map[string]string{groupLimit: "150000000"}, "group_replication_transaction_size_limit is 150000000, and a commit of the job may have more than 1 GiB: set it to 0"},
		"log":         {map[string]string{"max_binlog_cache_size": "536870912"}, "max_binlog_cache_size is 536870912, and a commit of the job may have more than 1 GiB: raise it"},
		"packet":      {map[string]string{"max_allowed_packet": "1048576"}, "max_allowed_packet is 1048576: set it to 4194304 or more"},
		"connections": {map[string]string{"max_connections": "89"}, "a run opens up to 90"},
	} {
		v := maps.Clone(good)
		maps.Copy(v, tc.change)
		problems := unfit(v, 90)
		require.Len(t, problems, 1, name)
		require.ErrorContains(t, errors.Join(problems...), tc.message, name)
	}
	for _, limit := range []string{"0", "2147483647"} {
		v := maps.Clone(good)
		v[groupLimit] = limit
		require.Empty(t, unfit(v, 90), limit)
	}
	for _, version := range []string{"8.0.23", "8.0.36-28.1", "8.4.0", "9.0.1"} {
		v := maps.Clone(good)
		v["version"] = version
		require.Empty(t, unfit(v, 90), version)
	}
	off := maps.Clone(good)
	off["log_bin"], off["binlog_format"], off["max_binlog_cache_size"] = "OFF", "STATEMENT", "4096"
	require.Empty(t, unfit(off, 90), "nothing is logged")
}

func TestPrivilegesCoverTables(t *testing.T) {
	for _, tc := range []struct {
		held privilege
		want bool
	}{
		{privilege{name: "SELECT"}, true},
		{privilege{schema: "shop_a", name: "SELECT"}, true},
		{privilege{schema: `shop\_a`, name: "SELECT"}, true},
		{privilege{schema: "shop_a", table: "sales", name: "SELECT"}, true},
		{privilege{schema: "shop_a", table: "others", name: "SELECT"}, false},
		{privilege{schema: "shop_b", name: "SELECT"}, false},
		{privilege{schema: `shop\_a`, table: "sales", name: "SELECT"}, true},
		{privilege{name: "INSERT"}, false},
	} {
		require.Equal(t, tc.want, tc.held.covers("shop_a", "sales", "SELECT"), tc.held)
	}
	require.True(t, privilege{schema: `100\%`, name: "SELECT"}.covers("100%", "sales", "SELECT"))
}

const asked = `SHOW GLOBAL VARIABLES WHERE variable_name IN
		('version', 'local_infile', 'log_bin', 'binlog_format', 'max_connections', 'read_only', 'innodb_read_only',
		'max_allowed_packet', '` + logLimit + `', '` + groupLimit + `')`

// A check covers the server's settings and, for a user of the job, its privileges.
func TestAllProblemsOfAServerAreReported(t *testing.T) {
	l := login.Login{User: "loader", Database: "shop"}
	settings := step{statement: asked, rows: [][]driver.Value{{"version", "8.4"}, {"local_infile", "OFF"}}}
	who := step{statement: "SELECT CURRENT_USER()", rows: [][]driver.Value{{"loader@%"}}}
	held := step{statement: userPrivileges, args: []any{"'loader'@'%'", "'loader'@'%'", "'loader'@'%'"}, rows: [][]driver.Value{{"shop", "sales", "SELECT"}}}
	need := &Grants{Privileges: []string{"SELECT"}, Tables: []string{"sales", "runs"}}
	err := check(t.Context(), open(t, settings), l, 1, nil)
	require.ErrorContains(t, err, "local_infile is OFF")
	err = check(t.Context(), open(t, settings, who, held), l, 1, need)
	require.ErrorContains(t, err, "local_infile is OFF")
	require.ErrorContains(t, err, "loader@% lacks SELECT on shop.runs")
	require.NotContains(t, err.Error(), "shop.sales")
	settings.rows = settings.rows[:1]
	require.NoError(t, check(t.Context(), open(t, settings), l, 1, nil))
	require.EqualError(t, check(t.Context(), open(t, fails(settings, errBroken)), l, 1, need), "read the server's settings: the connection is gone")
	require.EqualError(t, check(t.Context(), open(t, settings, fails(who, errBroken)), l, 1, need), "read the privileges of loader: the connection is gone")
}

func TestSettingsAreRead(t *testing.T) {
	answer := func(rows ...[]driver.Value) step { return step{statement: asked, rows: rows} }
	found, err := variables(t.Context(), open(t, answer([]driver.Value{"LOCAL_INFILE", "ON"}, []driver.Value{"version", "8.4"})))
	require.NoError(t, err)
	require.Equal(t, map[string]string{"local_infile": "ON", "version": "8.4"}, found)
	_, err = variables(t.Context(), open(t, fails(answer(), errBroken)))
	require.ErrorIs(t, err, errBroken)
	_, err = variables(t.Context(), open(t, answer([]driver.Value{"version", "8.4"}, []driver.Value{errBroken, nil})))
	require.ErrorIs(t, err, errBroken)
	_, err = variables(t.Context(), open(t, answer([]driver.Value{"version", nil})))
	require.ErrorContains(t, err, "Scan")
}

func TestConnectionErrorsAreExplained(t *testing.T) {
	l := login.Login{Host: "db.example.internal"}
	for advice, err := range map[string]error{
		": create the schema, or set store-events:databaseName to one that exists":                              fmt.Errorf("log in: %w", &mysql.MySQLError{Number: 1049}),
		": set store-events:databaseCaFile to the authorities that sign the certificate of db.example.internal": fmt.Errorf("log in: %w", x509.UnknownAuthorityError{}),
		": enable TLS on the server": fmt.Errorf("log in: %w", mysql.ErrNoTLS),
	} {
		explained := explain(err, l)
		require.ErrorIs(t, explained, err)
		require.Equal(t, err.Error()+advice, explained.Error())
	}
	for _, err := range []error{nil, errBroken, &mysql.MySQLError{Number: 1045}} {
		require.Equal(t, err, explain(err, l))
	}
}

func TestDenied(t *testing.T) {
	for number, want := range map[uint16]bool{1044: true, 1045: true, 1043: false, 1046: false, 1049: false, 1142: false} {
		require.Equal(t, want, denied(fmt.Errorf("log in: %w", &mysql.MySQLError{Number: number})), number)
	}
	require.False(t, denied(errBroken))
	require.False(t, denied(nil))
}

func TestErrorsDoNotQuoteThePassword(t *testing.T) {
	require.NoError(t, concealed(nil, "create the user u", "hidden"))
	require.EqualError(t, concealed(errors.New("near 'hidden' and 'hidden'"), "create the user u", "hidden"), "create the user u: near '***' and '***'")
}

// Without CA certificates nothing connects.
func TestServerNeedsCACertificates(t *testing.T) {
	s := Server{TLS: func(_ context.Context, host string) (*tls.Config, error) {
		return nil, fmt.Errorf("no authorities for %s", host)
	}}
	err := s.Check(t.Context(), login.Login{Host: "db", Port: 1, User: "u"}, 1, nil)
	require.EqualError(t, err, "no authorities for db")
	ok, err := s.Accepts(t.Context(), login.Login{Host: "db"})
	require.False(t, ok)
	require.Error(t, err)
}
