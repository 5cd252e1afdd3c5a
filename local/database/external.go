package database

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"store-events/local/store"
)

const externalRecords = "external-databases"

// External is a MySQL server of the user's own, used for every RDS instance in
// place of one that is started here. An instance is a user and a database on
// it.
type External struct {
	account externalAccount
	store   *store.Store
}

// externalAccount may create users and databases.
type externalAccount struct {
	Host     string `json:"host"`
	Port     int    `json:"port"`
	User     string `json:"user"`
	Password string `json:"password"`
}

// externalInstance is what an instance made on the server.
type externalInstance struct{ ID, User, Database string }

// OpenExternal reads the account from a file that only its owner may read:
// {"host": …, "port": …, "user": …, "password": …}.
func OpenExternal(file string, st *store.Store) (*External, error) {
	info, err := os.Stat(file)
	if err != nil {
		return nil, fmt.Errorf("account of the MySQL server: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return nil, fmt.Errorf("%s holds a password and is open to others: chmod 600 %s", file, file)
	}
	raw, err := os.ReadFile(file) //nolint:gosec // the user names the file
	if err != nil {
		return nil, fmt.Errorf("account of the MySQL server: %w", err)
	}
	e := &External{store: st}
	// Not the decoder's error, which may quote the password.
	if json.Unmarshal(raw, &e.account) != nil || e.account.Host == "" || e.account.Port == 0 || e.account.User == "" {
		return nil, fmt.Errorf(`%s must be {"host": "…", "port": 3306, "user": "…", "password": "…"}`, file)
	}
	return e, nil
}

// Resume checks that the server answers.
func (e *External) Resume(ctx context.Context) error { return e.run(ctx, "DO 0") }

// Create makes the instance's user and database. A database that exists is
// taken as it is; a user that exists is an error.
func (e *External) Create(ctx context.Context, spec Spec) error {
	master := literal(spec.User) + "@'%'"
	statements := []string{
		"CREATE USER " + master + " IDENTIFIED BY " + literal(spec.Password),
		"GRANT " + masterPrivileges + " ON *.* TO " + master + " WITH GRANT OPTION",
	}
	if spec.Database != "" {
		statements = append(statements, "CREATE DATABASE IF NOT EXISTS "+identifier(spec.Database))
	}
	if err := e.run(ctx, statements...); err != nil {
		return err
	}
	id := strings.ToLower(spec.ID)
	return e.store.Put(externalRecords, id, externalInstance{ID: id, User: spec.User, Database: spec.Database})
}

// Delete removes the instance's user and database with its data.
func (e *External) Delete(id string) error {
	in, err := e.instance(id)
	if err != nil {
		return err
	}
	statements := []string{"DROP USER IF EXISTS " + literal(in.User) + "@'%'"}
	if in.Database != "" {
		statements = append(statements, "DROP DATABASE IF EXISTS "+identifier(in.Database))
	}
	if err := e.run(context.Background(), statements...); err != nil {
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

// Start does nothing: the server is not ours.
func (e *External) Start(context.Context, string) error { return nil }

// Stop does nothing: the server is not ours.
func (e *External) Stop(string) error { return nil }

// Restart does nothing: the server is not ours, nor are its parameters.
func (e *External) Restart(context.Context, string, map[string]string) error { return nil }

// Move does nothing: the server's port is its own.
func (e *External) Move(context.Context, string, int) error { return nil }

// SetParameters does nothing, for the same reason.
func (e *External) SetParameters(context.Context, string, map[string]string) error { return nil }

// Close does nothing.
func (e *External) Close() error { return nil }

// Get is the state of one instance, and whether there is one.
func (e *External) Get(id string) (Status, bool) {
	in, err := e.instance(id)
	return Status{ID: in.ID, Host: e.account.Host, Port: e.account.Port, Running: true}, err == nil
}

// List is the state of every instance.
func (e *External) List() []Status {
	list := []Status{}
	all, _ := store.List[externalInstance](e.store, externalRecords) // of our own writing
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

func (e *External) run(ctx context.Context, statements ...string) error {
	a := e.account
	cfg := mysql.NewConfig()
	cfg.Net, cfg.Addr = "tcp", net.JoinHostPort(a.Host, strconv.Itoa(a.Port))
	cfg.User, cfg.Passwd, cfg.Timeout = a.User, a.Password, 10*time.Second
	cfg.TLSConfig = "true"
	if addr, err := netip.ParseAddr(a.Host); a.Host == "localhost" || (err == nil && addr.IsLoopback()) {
		cfg.TLSConfig = "preferred" // nobody listens in on this machine
	}
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return fmt.Errorf("connect to the MySQL server at %s: %w", cfg.Addr, err)
	}
	db := sql.OpenDB(connector)
	defer func() { _ = db.Close() }()
	for _, statement := range statements {
		if _, err := db.ExecContext(ctx, statement); err != nil {
			verb, _, _ := strings.Cut(statement, " ") // not all of it: it may have a password
			return fmt.Errorf("%s at the MySQL server at %s: %w", verb, cfg.Addr, err)
		}
	}
	return nil
}
