package database

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"errors"
	"fmt"
	"net"
	"os"
	"strconv"
	"syscall"
	"time"

	"github.com/go-sql-driver/mysql"
)

func (s *server) ping(ctx context.Context) error {
	return s.asAdmin(func(db *sql.DB) error { return db.PingContext(ctx) })
}

func (s *server) setPassword(ctx context.Context, password string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	// MySQL and MariaDB do not support placeholders in this statement.
	statement := "ALTER USER " + literal(s.record.User) + "@'%' IDENTIFIED BY " + literal(password)
	err := s.asAdmin(func(db *sql.DB) error {
		_, err := db.ExecContext(ctx, statement)
		return err
	})
	if err != nil {
		return fmt.Errorf("change the master password of database server %s: %w", s.id, err)
	}
	return nil
}

func (s *server) asAdmin(f func(*sql.DB) error) error {
	password, err := s.adminPassword()
	if err != nil {
		return err
	}
	trust, err := trusted(s.certs)
	if err != nil {
		return err
	}
	cfg := mysql.NewConfig()
	cfg.Net, cfg.Addr = "tcp", address(s.record.Port)
	cfg.User, cfg.Passwd = admin, password
	cfg.TLS = trust
	cfg.Timeout = 5 * time.Second
	cfg.Logger = &mysql.NopLogger{} // Refused connections are expected during the start.
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		return fmt.Errorf("connect to database server %s: %w", s.id, err)
	}
	db := sql.OpenDB(connector)
	defer func() { _ = db.Close() }()
	return f(db)
}

func trusted(certs string) (*tls.Config, error) {
	pem, err := os.ReadFile(CAFile(certs))
	if err != nil {
		return nil, fmt.Errorf("certificate of the local authority: %w", err)
	}
	pool := x509.NewCertPool()
	pool.AppendCertsFromPEM(pem)
	return &tls.Config{RootCAs: pool, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}, nil
}

// PortTakenError means that another program uses the port.
type PortTakenError struct{ Port int }

func (e *PortTakenError) Error() string {
	return fmt.Sprintf("port %d on 127.0.0.1 is taken by another program: end that program, or choose another port for the database", e.Port)
}

func checkPort(ctx context.Context, port int) error {
	l, err := (&net.ListenConfig{}).Listen(ctx, "tcp", address(port))
	if errors.Is(err, syscall.EADDRINUSE) {
		return &PortTakenError{Port: port}
	}
	if err != nil {
		return fmt.Errorf("database port: %w", err)
	}
	return l.Close()
}

func address(port int) string { return net.JoinHostPort("127.0.0.1", strconv.Itoa(port)) }
