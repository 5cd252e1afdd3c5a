package account

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/go-sql-driver/mysql"
)

// Grants are all that a user may do: the privileges, on the tables, which need
// not exist yet, and the server's privileges, which are on everything.
type Grants struct {
	Privileges []string `json:"privileges"`
	Tables     []string `json:"tables"`
	Server     []string `json:"server,omitempty"`
}

const noSuchTable = 1146

// apply revokes only where there is something to revoke: statements of the user
// that run meanwhile would fail.
func (g Grants) apply(ctx context.Context, db *sql.DB, user, database string) error {
	surplus, err := g.surplus(ctx, db, user, database)
	if err != nil {
		return fmt.Errorf("look at the privileges of %s: %w", user, err)
	}
	if surplus {
		if _, err := db.ExecContext(ctx, "REVOKE ALL PRIVILEGES, GRANT OPTION FROM ?@'%'", user); err != nil {
			return fmt.Errorf("revoke the privileges of %s: %w", user, err)
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

// grant gives the privileges on one table. On a table that is not there yet,
// privileges are taken only if CREATE is among them: it is revoked at once.
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

// held are the privileges of a user at each level, as scope and privilege. A
// table's scope is database.table; only it and 'server' are granted here.
const held = `
SELECT 'server', privilege_type FROM information_schema.user_privileges WHERE grantee = ? AND privilege_type <> 'USAGE'
UNION ALL SELECT table_schema, privilege_type FROM information_schema.schema_privileges WHERE grantee = ?
UNION ALL SELECT concat(table_schema, '.', table_name), privilege_type FROM information_schema.table_privileges WHERE grantee = ?
UNION ALL SELECT concat_ws('.', table_schema, table_name, column_name), privilege_type FROM information_schema.column_privileges WHERE grantee = ?`

// surplus says whether the user holds what is not granted here.
func (g Grants) surplus(ctx context.Context, db *sql.DB, user, database string) (bool, error) {
	grantee := "'" + user + "'@'%'"
	rows, err := db.QueryContext(ctx, held, grantee, grantee, grantee, grantee)
	if err != nil {
		return false, err
	}
	defer func() { _ = rows.Close() }()
	found := false
	for rows.Next() {
		var scope, privilege string
		if err := rows.Scan(&scope, &privilege); err != nil {
			return false, err
		}
		if !g.has(scope, privilege, database) {
			found = true
		}
	}
	return found, rows.Err()
}

// has reports whether a privilege at a scope is among the grants.
func (g Grants) has(scope, privilege, database string) bool {
	if scope == "server" {
		return slices.Contains(g.Server, privilege)
	}
	table, ours := strings.CutPrefix(scope, database+".")
	return ours && slices.Contains(g.Tables, table) && slices.Contains(g.Privileges, privilege)
}

func identifier(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }
