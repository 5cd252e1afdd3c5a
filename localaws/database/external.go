package database

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"localaws/loopback"
	"localaws/store"
)

const externalRecords = "external-databases"

// External is a MySQL server that the user provides for all RDS instances. An instance is a user and a database on the
// server.
type External struct {
	account externalAccount
	store   *store.Store
}

// externalAccount is an account that may create users and databases.
type externalAccount struct {
	Host     string `json:"host"`
	Port     int    `json:"port"`
	User     string `json:"user"`
	Password string `json:"password"`
}

// externalInstance contains an instance's objects on the server. Delete drops only objects that Create created.
type externalInstance struct {
	ID, User, Database         string
	CreatedUser, CreatedSchema bool
}

// ExistsError means that the user or database already exists on the server. It is not reused, because Delete would drop
// it with the instance.
type ExistsError struct{ Kind, Name, Server string }

func (e *ExistsError) Error() string {
	return fmt.Sprintf("the %s %s already exists on the MySQL server at %s: drop it, or choose another name", e.Kind, e.Name, e.Server)
}

// OpenExternal reads the account from a file that only its owner can read:
// {"host": …, "port": …, "user": …, "password": …}.
func OpenExternal(file string, st *store.Store) (*External, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, fmt.Errorf("account of the MySQL server: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s contains a password and is readable by others: chmod 600 %s", file, file)
	}
	raw, err := os.ReadFile(file) //nolint:gosec // the user names the file
	if err != nil {
		return nil, fmt.Errorf("account of the MySQL server: %w", err)
	}
	e := &External{store: st}
	// The decoder's error is dropped, because it may quote the password.
	if json.Unmarshal(raw, &e.account) != nil || e.account.Host == "" || e.account.Port == 0 || e.account.User == "" {
		return nil, fmt.Errorf(`%s must be {"host": "…", "port": 3306, "user": "…", "password": "…"}`, file)
	}
	return e, nil
}

// Resume checks the connection to the server.
func (e *External) Resume(ctx context.Context) error { return e.run(ctx, "DO 0") }

// Create creates the instance's user and database. It returns an *ExistsError if one of them exists. If it fails, it
// removes both.
func (e *External) Create(ctx context.Context, spec Spec) error {
	if err := CheckID(spec.ID); err != nil {
		return err
	}
	in := externalInstance{ID: strings.ToLower(spec.ID), User: spec.User, Database: spec.Database}
	if _, err := e.instance(in.ID); !errors.Is(err, ErrNotFound) {
		return errors.Join(err, fmt.Errorf("database server %s already exists", in.ID))
	}
	if err := e.create(ctx, &in, spec.Password); err != nil {
		return errors.Join(err, e.drop(context.WithoutCancel(ctx), in))
	}
	return nil
}

// create saves the created objects after each statement. Statements have no IF NOT EXISTS, so that their errors show
// which objects existed before.
func (e *External) create(ctx context.Context, in *externalInstance, password string) error {
	master := literal(in.User) + "@'%'"
	if err := e.run(ctx, "CREATE USER "+master+" IDENTIFIED BY "+literal(password)); err != nil {
		return e.convertExists(err, "user", in.User)
	}
	in.CreatedUser = true
	if err := e.save(*in); err != nil || in.Database == "" {
		return err
	}
	if err := e.run(ctx, "CREATE DATABASE "+identifier(in.Database)); err != nil {
		return e.convertExists(err, "database", in.Database)
	}
	in.CreatedSchema = true
	if err := e.save(*in); err != nil {
		return err
	}
	pattern, err := e.grantPattern(ctx, in.Database)
	if err != nil {
		return err
	}
	return e.run(ctx,
		"GRANT "+schemaPrivileges+" ON "+identifier(pattern)+".* TO "+master+" WITH GRANT OPTION",
		// Secret rotation creates users, and there is no smaller privilege for it.
		"GRANT CREATE USER ON *.* TO "+master)
}

// schemaPrivileges are all privileges on a database:
// https://dev.mysql.com/doc/refman/8.4/en/privileges-provided.html
const schemaPrivileges = "SELECT, INSERT, UPDATE, DELETE, CREATE, DROP, REFERENCES, INDEX, ALTER, CREATE TEMPORARY TABLES, " +
	"LOCK TABLES, EXECUTE, CREATE VIEW, SHOW VIEW, CREATE ROUTINE, ALTER ROUTINE, EVENT, TRIGGER"

// grantPattern returns the name of a database in a GRANT, where _ and % are wildcards unless the server has
// partial revokes:
// https://dev.mysql.com/doc/refman/8.4/en/grant.html
func (e *External) grantPattern(ctx context.Context, database string) (string, error) {
	db, err := e.open()
	if err != nil {
		return "", err
	}
	defer func() { _ = db.Close() }()
	var name, value string
	err = db.QueryRowContext(ctx, "SHOW VARIABLES LIKE 'partial_revokes'").Scan(&name, &value)
	if err == nil && value == "ON" {
		return database, nil
	}
	if err != nil && !errors.Is(err, sql.ErrNoRows) {
		return "", fmt.Errorf("variables of the MySQL server at %s: %w", e.address(), err)
	}
	return strings.NewReplacer("_", `\_`, "%", `\%`, `\`, `\\`).Replace(database), nil
}

// convertExists converts an error of CREATE for an existing object to an *ExistsError.
func (e *External) convertExists(err error, kind, name string) error {
	const userExists, databaseExists = 1396, 1007
	var refused *mysql.MySQLError
	if errors.As(err, &refused) && (refused.Number == userExists || refused.Number == databaseExists) {
		return &ExistsError{Kind: kind, Name: name, Server: e.address()}
	}
	return err
}

func (e *External) save(in externalInstance) error { return e.store.Put(externalRecords, in.ID, in) }

// Delete removes the instance, with the user and database that Create created.
func (e *External) Delete(id string) error {
	in, err := e.instance(id)
	if err != nil {
		return err
	}
	return e.drop(context.Background(), in)
}

func (e *External) drop(ctx context.Context, in externalInstance) error {
	var statements []string
	if in.CreatedUser {
		statements = append(statements, "DROP USER IF EXISTS "+literal(in.User)+"@'%'")
	}
	if in.CreatedSchema {
		statements = append(statements, "DROP DATABASE IF EXISTS "+identifier(in.Database))
	}
	if err := e.run(ctx, statements...); err != nil {
		return err
	}
	return e.store.Delete(externalRecords, in.ID)
}

// SetPassword changes the master user's password.
func (e *External) SetPassword(ctx context.Context, id, password string) error {
	in, err := e.instance(id)
	if err != nil {
		return err
	}
	return e.run(ctx, "ALTER USER "+literal(in.User)+"@'%' IDENTIFIED BY "+literal(password))
}

// Start is a no-op, because the user runs the server.
func (e *External) Start(context.Context, string) error { return nil }

// Stop is a no-op, because the user runs the server.
func (e *External) Stop(string) error { return nil }

// Restart is a no-op, because the user runs and configures the server.
func (e *External) Restart(context.Context, string, map[string]string) error { return nil }

// Move is a no-op, because the server keeps its port.
func (e *External) Move(context.Context, string, int) error { return nil }

// SetParameters is a no-op, because the user configures the server.
func (e *External) SetParameters(context.Context, string, map[string]string) error { return nil }

// Close is a no-op.
func (e *External) Close() error { return nil }

// Get returns the status of an instance, and whether it exists.
func (e *External) Get(id string) (Status, bool) {
	in, err := e.instance(id)
	return Status{ID: in.ID, Host: e.account.Host, Port: e.account.Port, Running: true}, err == nil
}

// List returns the statuses of all instances.
func (e *External) List() []Status {
	list := []Status{}
	all, _ := store.List[externalInstance](e.store, externalRecords) // Written by this package.
	for _, in := range all {
		list = append(list, Status{ID: in.ID, Host: e.account.Host, Port: e.account.Port, Running: true})
	}
	return list
}

func (e *External) instance(id string) (externalInstance, error) {
	var in externalInstance
	err := e.store.Get(externalRecords, strings.ToLower(id), &in)
	if errors.Is(err, store.ErrNotFound) {
		return in, fmt.Errorf("%w: %s", ErrNotFound, id)
	}
	return in, err
}

func (e *External) address() string {
	return net.JoinHostPort(e.account.Host, strconv.Itoa(e.account.Port))
}

func (e *External) open() (*sql.DB, error) {
	a := e.account
	cfg := mysql.NewConfig()
	cfg.Net, cfg.Addr = "tcp", e.address()
	cfg.User, cfg.Passwd, cfg.Timeout = a.User, a.Password, 10*time.Second
	cfg.TLSConfig = "true"
	if loopback.Is(a.Host) {
		cfg.TLSConfig = "preferred" // The connection stays on this machine.
	}
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return nil, fmt.Errorf("connect to the MySQL server at %s: %w", cfg.Addr, err)
	}
	return sql.OpenDB(connector), nil
}

func (e *External) run(ctx context.Context, statements ...string) error {
	db, err := e.open()
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	for _, statement := range statements {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			verb, _, _ := strings.Cut(statement, " ") // The rest of the statement may contain a password.
			return fmt.Errorf("%s at the MySQL server at %s: %w", verb, e.address(), err)
		}
	}
	return nil
}
