package dbuser

import (
	"errors"
	"maps"
	"testing"

	"github.com/stretchr/testify/require"
)

func TestSettingsThatTheJobCannotWorkWith(t *testing.T) {
	good := map[string]string{
		"version": "8.0.mysql_aurora.3.05.2", "local_infile": "ON", "log_bin": "ON", "binlog_format": "ROW",
		"max_connections": "90", "read_only": "OFF", "innodb_read_only": "OFF",
	}
	require.Empty(t, unfit(good, 90))
	require.Empty(t, unfit(map[string]string{"version": "11.4.5-MariaDB"}, 90), "what a server does not have is not held against it")
	for name, tc := range map[string]struct {
		change  map[string]string
		message string
	}{
		"version":     {map[string]string{"version": "5.7.44"}, "MySQL 8.0 or later is needed"},
		"infile":      {map[string]string{"local_infile": "OFF"}, "local_infile is OFF"},
		"binlog":      {map[string]string{"binlog_format": "STATEMENT"}, "set it to ROW"},
		"replica":     {map[string]string{"read_only": "ON"}, "name the writer"},
		"reader":      {map[string]string{"innodb_read_only": "ON"}, "name the writer"},
		"connections": {map[string]string{"max_connections": "89"}, "a run opens up to 90"},
	} {
		v := maps.Clone(good)
		maps.Copy(v, tc.change)
		problems := unfit(v, 90)
		require.Len(t, problems, 1, name)
		require.ErrorContains(t, errors.Join(problems...), tc.message, name)
	}
	off := maps.Clone(good)
	off["log_bin"], off["binlog_format"] = "OFF", "STATEMENT"
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
		{privilege{name: "INSERT"}, false},
	} {
		require.Equal(t, tc.want, tc.held.covers("shop_a", "sales", "SELECT"), tc.held)
	}
}
