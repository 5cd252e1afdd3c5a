// Package dbuser creates and checks the users of a MySQL server.
package dbuser

import (
	"context"
	"crypto/tls"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"

	"store-events/lambda/rotation/internal/login"
)

const (
	connectTimeout  = 10 * time.Second
	responseTimeout = 60 * time.Second
)

// Server connects to MySQL servers.
type Server struct {
	// TLS returns the TLS configuration for connections to a host.
	TLS func(ctx context.Context, host string) (*tls.Config, error)
}

// Accepts reports whether the server accepts a login and its database.
func (s Server) Accepts(ctx context.Context, l login.Login) (bool, error) {
	err := s.as(ctx, l, func(*sql.DB) error { return nil })
	if denied(err) {
		return false, nil
	}
	return err == nil, err
}

// SetOwnPassword changes the password of the user of the login by.
func (s Server) SetOwnPassword(ctx context.Context, by login.Login, password string) error {
	return s.as(ctx, by, func(db *sql.DB) error { return setOwnPassword(ctx, db, by.User, password) })
}

func setOwnPassword(ctx context.Context, db *sql.DB, user, password string) error {
	// MariaDB accepts CURRENT_USER() here, but changes nothing, so use the name.
	_, err := db.ExecContext(ctx, "ALTER USER ?@'%' IDENTIFIED BY ?", user, password)
	return concealed(err, "change the password of "+user, password)
}

// Ensure creates or updates the user of a login, with its password and exactly the
// given grants. by is a login with the required privileges. The user must use TLS.
func (s Server) Ensure(ctx context.Context, by, user login.Login, grants Grants) error {
	return s.as(ctx, by, func(db *sql.DB) error { return ensure(ctx, db, user, grants) })
}

func ensure(ctx context.Context, db *sql.DB, user login.Login, grants Grants) error {
	for _, statement := range []string{"CREATE USER IF NOT EXISTS ?@'%' IDENTIFIED BY ? REQUIRE SSL", "ALTER USER ?@'%' IDENTIFIED BY ? REQUIRE SSL"} {
		if _, err := db.ExecContext(ctx, statement, user.User, user.Password); err != nil {
			return concealed(err, "create the user "+user.User, user.Password)
		}
	}
	return grants.apply(ctx, db, user.User, user.Database)
}

func (s Server) as(ctx context.Context, l login.Login, f func(*sql.DB) error) error {
	trusted, err := s.TLS(ctx, l.Host)
	if err != nil {
		return err
	}
	connector, err := mysql.NewConnector(connection(l, trusted))
	if err != nil {
		return fmt.Errorf("connect as %s: %w", l, err)
	}
	db := sql.OpenDB(connector)
	defer func() { _ = db.Close() }()
	if err := db.PingContext(ctx); err != nil {
		return fmt.Errorf("log in as %s: %w", l, err)
	}
	return f(db)
}

// connection returns the driver's configuration.
func connection(l login.Login, trusted *tls.Config) *mysql.Config {
	cfg := mysql.NewConfig()
	cfg.User, cfg.Passwd, cfg.DBName = l.User, l.Password, l.Database
	cfg.Net, cfg.Addr = "tcp", net.JoinHostPort(l.Host, strconv.Itoa(l.Port))
	cfg.TLS = trusted
	cfg.Timeout, cfg.ReadTimeout, cfg.WriteTimeout = connectTimeout, responseTimeout, responseTimeout
	cfg.InterpolateParams = true    // Prepared statements do not support statements about users.
	cfg.Logger = &mysql.NopLogger{} // Errors are returned.
	return cfg
}

// denied reports whether the server rejected the user, the password or access to the
// database.
func denied(err error) bool {
	var e *mysql.MySQLError
	return errors.As(err, &e) && (e.Number == 1045 || e.Number == 1044)
}

// concealed returns an error without the password, which the server's error may quote.
func concealed(err error, doing, password string) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s: %s", doing, strings.ReplaceAll(err.Error(), password, "***"))
}
