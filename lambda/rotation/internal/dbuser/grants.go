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

// Grants are all that a user may do: the privileges, on the tables, which need
// not exist yet, and the server's privileges, which are on everything.
type Grants struct {
	Privileges []string `json:"privileges"`
	Tables     []string `json:"tables"`
	Server     []string `json:"server,omitempty"`
}

const noSuchTable = 1146

// apply revokes only what is surplus: statements of the user that run meanwhile
// would fail without the rest. It names each privilege, since REVOKE ALL fails
// with error 3879 for a master user that is kept from a schema, as providers keep
// theirs from the schema mysql.
// https://dev.mysql.com/doc/refman/8.4/en/partial-revokes.html
func (g Grants) apply(ctx context.Context, db *sql.DB, user, database string) error {
	surplus, err := g.surplus(ctx, db, user, database)
	if err != nil {
		return fmt.Errorf("look at the privileges of %s: %w", user, err)
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

// grant grants the privileges on one table. On a table that is not there yet,
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

// held are the privileges of a user at each level.
const held = `
SELECT '', '', '', privilege_type, is_grantable FROM information_schema.user_privileges WHERE grantee = ?
UNION ALL SELECT table_schema, '', '', privilege_type, is_grantable FROM information_schema.schema_privileges WHERE grantee = ?
UNION ALL SELECT table_schema, table_name, '', privilege_type, is_grantable FROM information_schema.table_privileges WHERE grantee = ?
UNION ALL SELECT table_schema, table_name, column_name, privilege_type, is_grantable FROM information_schema.column_privileges WHERE grantee = ?`

// privilege is one that a user holds: on a column, a table, a schema or the
// server, where the names of the narrower levels are empty.
type privilege struct{ schema, table, column, name string }

const (
	usage       = "USAGE" // stands for no privilege
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

// surplus is what the user holds and is not granted here.
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
		// The option is one of a level, whatever privileges it is listed with.
		option := privilege{schema: p.schema, table: p.table, name: grantOption}
		if grantable == "YES" && !slices.Contains(found, option) {
			found = append(found, option)
		}
	}
	return found, rows.Err()
}

// includes reports whether a privilege is granted here: on the server, or on one
// of the tables as a whole.
func (g Grants) includes(p privilege, database string) bool {
	if p.schema == "" {
		return slices.Contains(g.Server, p.name)
	}
	return p.schema == database && p.column == "" && slices.Contains(g.Tables, p.table) && slices.Contains(g.Privileges, p.name)
}

func identifier(name string) string { return "`" + strings.ReplaceAll(name, "`", "``") + "`" }
