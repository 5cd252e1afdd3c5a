package dbuser

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-sql-driver/mysql"
)

// Grants are the complete privileges of a user: Privileges on Tables, which need not
// exist yet, and Server on the whole server.
type Grants struct {
	Privileges []string `json:"privileges"`
	Tables     []string `json:"tables"`
	Server     []string `json:"server,omitempty"`
}

const noSuchTable = 1146

// apply revokes only surplus privileges, because concurrent statements of the user need
// the others. It revokes them one by one, because REVOKE ALL fails with error 3879 if
// the master user has no access to a schema, as with providers that protect the schema
// mysql.
// https://dev.mysql.com/doc/refman/8.4/en/partial-revokes.html
func (g Grants) apply(ctx context.Context, db *sql.DB, user, database string) error {
	surplus, err := g.surplus(ctx, db, user, database)
	if err != nil {
		return fmt.Errorf("read the privileges of %s: %w", user, err)
	}
	for _, p := range surplus {
		if _, err := db.ExecContext(ctx, p.revocation(), user); err != nil {
			return fmt.Errorf("revoke %s on %s from %s: %w", p.name, p.level(), user, err)
		}
	}
	for _, table := range g.Tables {
		if err := g.grant(ctx, db, user, identifier(database)+"."+identifier(table)); err != nil {
			return fmt.Errorf("grant %s to %s: %w", table, user, err)
		}
	}
	if len(g.Server) == 0 {
		return nil
	}
	if _, err := db.ExecContext(ctx, "GRANT "+strings.Join(g.Server, ", ")+" ON *.* TO ?@'%'", user); err != nil {
		return fmt.Errorf("grant %s to %s: %w", strings.Join(g.Server, ", "), user, err)
	}
	return nil
}

// grant grants the privileges on one table. MySQL grants privileges on a table that
// does not exist only together with CREATE, which grant then revokes.
// https://dev.mysql.com/doc/refman/8.4/en/grant.html
func (g Grants) grant(ctx context.Context, db *sql.DB, user, table string) error {
	privileges := strings.Join(g.Privileges, ", ")
	_, err := db.ExecContext(ctx, "GRANT "+privileges+" ON "+table+" TO ?@'%'", user)
	var e *mysql.MySQLError
	if !errors.As(err, &e) || e.Number != noSuchTable {
		return err
	}
	if _, err := db.ExecContext(ctx, "GRANT CREATE, "+privileges+" ON "+table+" TO ?@'%'", user); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "REVOKE CREATE ON "+table+" FROM ?@'%'", user)
	return err
}

// held selects the privileges of a user at each level.
const held = `
SELECT '', '', '', privilege_type, is_grantable FROM information_schema.user_privileges WHERE grantee = ?
UNION ALL SELECT table_schema, '', '', privilege_type, is_grantable FROM information_schema.schema_privileges WHERE grantee = ?
UNION ALL SELECT table_schema, table_name, '', privilege_type, is_grantable FROM information_schema.table_privileges WHERE grantee = ?
UNION ALL SELECT table_schema, table_name, column_name, privilege_type, is_grantable FROM information_schema.column_privileges WHERE grantee = ?`

// privilege is a user's privilege on a column, a table, a schema or the server. The
// names of narrower levels are empty.
type privilege struct{ schema, table, column, name string }

const (
	usage       = "USAGE" // No privileges.
	grantOption = "GRANT OPTION"
)

func (p privilege) level() string {
	switch {
	case p.schema == "":
		return "*.*"
	case p.table == "":
		return identifier(p.schema) + ".*"
	default:
		return identifier(p.schema) + "." + identifier(p.table)
	}
}

func (p privilege) revocation() string {
	name := p.name
	if p.column != "" {
		name += " (" + identifier(p.column) + ")"
	}
	return "REVOKE " + name + " ON " + p.level() + " FROM ?@'%'"
}

// surplus returns the privileges that the user has in addition to the grants.
func (g Grants) surplus(ctx context.Context, db *sql.DB, user, database string) ([]privilege, error) {
	grantee := "'" + user + "'@'%'"
	rows, err := db.QueryContext(ctx, held, grantee, grantee, grantee, grantee)
	if err != nil {
		return nil, err
	}
	defer func() { _ = rows.Close() }()
	var found []privilege
	for rows.Next() {
		var p privilege
		var grantable string
		if err := rows.Scan(&p.schema, &p.table, &p.column, &p.name, &grantable); err != nil {
			return nil, err
		}
		if p.name != usage && !g.includes(p, database) {
			found = append(found, p)
		}
		// The option applies to a level, and is listed with each of its privileges.
		option := privilege{schema: p.schema, table: p.table, name: grantOption}
		if grantable == "YES" && !slices.Contains(found, option) {
			found = append(found, option)
		}
	}
	return found, rows.Err()
}

// includes reports whether the grants include a privilege: on the server, or on a whole
// table.
func (g Grants) includes(p privilege, database string) bool {
	if p.schema == "" {
		return slices.Contains(g.Server, p.name)
	}
	return p.schema == database && p.column == "" && slices.Contains(g.Tables, p.table) && slices.Contains(g.Privileges, p.name)
}

func identifier(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }
