package database

import (
	"fmt"
	"maps"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// defaults are settings with the values of RDS and MySQL 8.4, and sizes for one machine.
var defaults = map[string]string{
	"character_set_server":  "utf8mb4",
	"collation_server":      "utf8mb4_0900_ai_ci",
	"default_time_zone":     "+00:00",
	"sql_mode":              "ONLY_FULL_GROUP_BY,STRICT_TRANS_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION",
	"max_allowed_packet":    "64M",
	"local_infile":          "0",
	"performance_schema":    "0",
	"innodb_file_per_table": "1",
}

// fixed are settings that a parameter group cannot change, because they depend on this machine.
var fixed = []string{
	"port", "socket", "bind_address", "basedir", "datadir", "tmpdir", "pid_file", "init_file", "user",
	"innodb_buffer_pool_size", "innodb_buffer_pool_instances", "innodb_redo_log_capacity", "performance_schema",
	"ssl_ca", "ssl_cert", "ssl_key", "log_error", "general_log_file", "slow_query_log_file", "secure_file_priv",
	"plugin_dir", "lc_messages_dir", "character_sets_dir", "log_bin", "skip_log_bin", "disable_log_bin",
}

// writeConfig writes the options file for the next start.
func (s *server) writeConfig() error {
	var b strings.Builder
	d := s.dialect()
	fmt.Fprintf(&b, "[%s]\n", d.section)
	for _, line := range [][2]string{
		{"datadir", s.path(dataFolder)},
		{"tmpdir", s.dir},
		{"bind_address", "127.0.0.1"},
		{"port", strconv.Itoa(s.record.Port)},
		// Relative to datadir, because the length of socket paths is limited.
		{"socket", "server.sock"},
		{"pid_file", s.path("server.pid")},
		{"ssl_ca", CAFile(s.certs)},
		{"ssl_cert", filepath.Join(s.certs, certFile)},
		{"ssl_key", filepath.Join(s.certs, keyFile)},
		{"skip_name_resolve", "1"},
		{"innodb_buffer_pool_size", "256M"},
	} {
		fmt.Fprintf(&b, "%s=%s\n", line[0], line[1])
	}
	parameters := maps.Clone(defaults)
	maps.Copy(parameters, d.settings)
	maps.Copy(parameters, settable(s.record.Parameters))
	for _, name := range slices.Sorted(maps.Keys(parameters)) {
		// A server ignores unknown options with the prefix "loose".
		fmt.Fprintf(&b, "loose_%s=%s\n", name, parameters[name])
	}
	if account, err := user.Current(); err == nil && account.Uid == "0" {
		b.WriteString("user=root\n") // Otherwise the server refuses to run as root.
	}
	if err := os.WriteFile(s.path(configFile), []byte(b.String()), 0o600); err != nil {
		return fmt.Errorf("options of database server %s: %w", s.id, err)
	}
	return nil
}

// settable returns the group's parameters without the fixed ones and without RDS's formulas, for example
// {DBInstanceClassMemory*3/4}, which depend on RDS's machines.
func settable(parameters map[string]string) map[string]string {
	out := map[string]string{}
	for name, value := range parameters {
		name = strings.ReplaceAll(strings.ToLower(name), "-", "_")
		if value == "" || strings.ContainsAny(name+value, "{}\n") || slices.Contains(fixed, name) {
			continue
		}
		out[name] = value
	}
	return out
}
