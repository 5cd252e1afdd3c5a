package dbuser

import (
	"context"
	"crypto/x509"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/go-sql-driver/mysql"

	"store-events/lambda/rotation/internal/login"
)

const unknownDatabase = 1049

// groupLimit is the variable that limits transactions in Group Replication, and
// maxGroupLimit its maximum. 0 disables the limit. A commit of the job has up to 1 GiB
// of rows, and more in the binary log:
// https://dev.mysql.com/doc/refman/8.4/en/group-replication-limitations.html
const (
	groupLimit    = "group_replication_transaction_size_limit"
	maxGroupLimit = 1<<31 - 1
)

// logLimit is the variable that limits transactions in the binary log.
const logLimit = "max_binlog_cache_size"

// minPacket is the least max_allowed_packet: an event of 1 MiB can need 1.7 MiB as a row of
// CSV, and the statement that records a batch up to 2.7 MiB.
const minPacket = 4 << 20

// Check logs in to an existing server, and returns all problems that would prevent the
// job from loading into it. connections is the number of the job's connections, and
// grants are the required privileges of the login's user, nil to skip their check.
func (s Server) Check(ctx context.Context, l login.Login, connections int, grants *Grants) error {
	return explain(s.as(ctx, l, func(db *sql.DB) error { return check(ctx, db, l, connections, grants) }), l)
}

func check(ctx context.Context, db *sql.DB, l login.Login, connections int, grants *Grants) error {
	settings, err := variables(ctx, db)
	if err != nil {
		return fmt.Errorf("read the server's settings: %w", err)
	}
	problems := unfit(settings, connections)
	if grants != nil {
		missing, err := grants.missing(ctx, db, l.Database)
		if err != nil {
			return fmt.Errorf("read the privileges of %s: %w", l.User, err)
		}
		problems = append(problems, missing...)
	}
	return errors.Join(problems...)
}

// explain adds instructions to errors of the first connection.
func explain(err error, l login.Login) error {
	var refusal *mysql.MySQLError
	var unknown x509.UnknownAuthorityError
	switch {
	case errors.As(err, &refusal) && refusal.Number == unknownDatabase:
		return fmt.Errorf("%w: create the schema, or set store-events:databaseName to one that exists", err)
	case errors.As(err, &unknown):
		return fmt.Errorf("%w: set store-events:databaseCaFile to the authorities that sign the certificate of %s", err, l.Host)
	case errors.Is(err, mysql.ErrNoTLS):
		return fmt.Errorf("%w: enable TLS on the server", err)
	}
	return err
}

// variables returns the server's settings that affect the job.
func variables(ctx context.Context, db *sql.DB) (map[string]string, error) {
	rows, err := db.QueryContext(ctx, `SHOW GLOBAL VARIABLES WHERE variable_name IN
		('version', 'local_infile', 'log_bin', 'binlog_format', 'max_connections', 'read_only', 'innodb_read_only',
		'max_allowed_packet', '`+logLimit+`', '`+groupLimit+`')`)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	found := map[string]string{}
	for rows.Next() {
		var name, value string
		if err := rows.Scan(&name, &value); err != nil {
			return nil, err
		}
		found[strings.ToLower(name)] = value
	}
	return found, rows.Err()
}

// unfit returns the settings that are incompatible with the job. The job itself sets
// sql_mode, time zone and isolation level.
func unfit(v map[string]string, connections int) (problems []error) {
	major, _, _ := strings.Cut(v["version"], ".")
	if n, err := strconv.Atoi(major); err != nil || n < 8 || before8023(v["version"]) {
		problems = append(problems, fmt.Errorf("the server has version %s: MySQL 8.0.23 or later is needed", v["version"]))
	}
	if v["local_infile"] == "OFF" {
		problems = append(problems, errors.New("local_infile is OFF: the job streams rows by LOAD DATA LOCAL; set it to ON (1 in a parameter group)"))
	}
	// With the isolation level READ COMMITTED, InnoDB does not support binlog_format STATEMENT:
	// https://dev.mysql.com/doc/refman/8.4/en/innodb-transaction-isolation-levels.html
	if v["log_bin"] == "ON" && v["binlog_format"] == "STATEMENT" {
		problems = append(problems, errors.New("binlog_format is STATEMENT: set it to ROW, which the job's isolation level READ COMMITTED needs"))
	}
	for _, name := range []string{"read_only", "innodb_read_only"} {
		if v[name] == "ON" {
			problems = append(problems, fmt.Errorf("%s is ON: this is a replica or a reader endpoint; name the writer in store-events:databaseHost", name))
		}
	}
	if limit, err := strconv.Atoi(v["max_connections"]); err == nil && limit < connections {
		problems = append(problems, fmt.Errorf("max_connections is %d, and a run opens up to %d: raise it, or lower store-events:jobWorkers", limit, connections))
	}
	if limit, err := strconv.Atoi(v[groupLimit]); err == nil && limit != 0 && limit < maxGroupLimit {
		problems = append(problems, fmt.Errorf("%s is %d, and a commit of the job may have more than 1 GiB: set it to 0, which disables the limit", groupLimit, limit))
	}
	if limit, err := strconv.ParseUint(v[logLimit], 10, 64); v["log_bin"] == "ON" && err == nil && limit < maxGroupLimit {
		problems = append(problems, fmt.Errorf("%s is %d, and a commit of the job may have more than 1 GiB: raise it to 4294967296", logLimit, limit))
	}
	if limit, err := strconv.Atoi(v["max_allowed_packet"]); err == nil && limit < minPacket {
		problems = append(problems, fmt.Errorf("max_allowed_packet is %d: set it to %d or more, for events of up to 1 MiB", limit, minPacket))
	}
	return problems
}

// before8023 reports whether a server of MySQL 8.0 lacks invisible columns:
// https://dev.mysql.com/doc/refman/8.0/en/invisible-columns.html
func before8023(version string) bool {
	var patch int
	_, err := fmt.Sscanf(version, "8.0.%d", &patch)
	return err == nil && patch < 23
}

// userPrivileges selects the privileges of the logged-in user at each level, without
// privileges from roles.
const userPrivileges = `
SELECT '' AS of_schema, '' AS of_table, privilege_type FROM information_schema.user_privileges WHERE grantee = ?
UNION ALL SELECT table_schema, '', privilege_type FROM information_schema.schema_privileges WHERE grantee = ?
UNION ALL SELECT table_schema, table_name, privilege_type FROM information_schema.table_privileges WHERE grantee = ?`

// missing returns an error for each table on which the user lacks privileges.
func (g Grants) missing(ctx context.Context, db *sql.DB, database string) ([]error, error) {
	var account string
	if err := db.QueryRowContext(ctx, "SELECT CURRENT_USER()").Scan(&account); err != nil {
		return nil, err
	}
	at := strings.LastIndex(account, "@")
	grantee := "'" + account[:at] + "'@'" + account[at+1:] + "'"
	rows, err := db.QueryContext(ctx, userPrivileges, grantee, grantee, grantee)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var held []privilege
	for rows.Next() {
		var p privilege
		if err := rows.Scan(&p.schema, &p.table, &p.name); err != nil {
			return nil, err
		}
		held = append(held, p)
	}
	var problems []error
	for _, table := range g.Tables {
		var names []string
		for _, name := range g.Privileges {
			if !slices.ContainsFunc(held, func(p privilege) bool { return p.covers(database, table, name) }) {
				names = append(names, name)
			}
		}
		if len(names) > 0 {
			problems = append(problems, fmt.Errorf("%s lacks %s on %s.%s: GRANT %[2]s ON `%[3]s`.`%[4]s` TO %[5]s, directly and not through a role",
				account, strings.Join(names, ", "), database, table, grantee))
		}
	}
	return problems, rows.Err()
}

// covers reports whether a privilege includes the named privilege on a table.
func (p privilege) covers(schema, table, name string) bool {
	if p.name != name {
		return false
	}
	// A schema may be a pattern, in which literal _ and % are escaped.
	plain := strings.NewReplacer(`\_`, "_", `\%`, "%").Replace(p.schema)
	return p.schema == "" || (plain == schema && (p.table == "" || p.table == table))
}
