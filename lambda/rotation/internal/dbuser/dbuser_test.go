package dbuser

import (
	"context"
	"crypto/tls"
	"errors"
	"net"
	"testing"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"store-events/lambda/rotation/internal/login"
)

const secret = "hidden"

func TestUserSetsItsPassword(t *testing.T) {
	statement := step{statement: "ALTER USER ?@'%' IDENTIFIED BY ?", args: []any{"admin", secret}}
	require.NoError(t, setOwnPassword(t.Context(), open(t, statement), "admin", secret))
	err := setOwnPassword(t.Context(), open(t, fails(statement, errors.New("near 'hidden'"))), "admin", secret)
	require.EqualError(t, err, "change the password of admin: near '***'")
}

// An existing user gets the password as well; new and existing users must use TLS.
func TestUserIsCreated(t *testing.T) {
	user := login.Login{User: "loader", Password: secret, Database: "shop"}
	create := step{statement: "CREATE USER IF NOT EXISTS ?@'%' IDENTIFIED BY ? REQUIRE SSL", args: []any{"loader", secret}}
	alter := step{statement: "ALTER USER ?@'%' IDENTIFIED BY ? REQUIRE SSL", args: []any{"loader", secret}}
	require.NoError(t, ensure(t.Context(), open(t, create, alter, ask(), send(grantSales), send(grantRuns), send(grantServer)), user, loading))
	broken := errors.New("near 'hidden'")
	for _, steps := range [][]step{{fails(create, broken)}, {create, fails(alter, broken)}} {
		require.EqualError(t, ensure(t.Context(), open(t, steps...), user, loading), "create the user loader: near '***'")
	}
	require.ErrorIs(t, ensure(t.Context(), open(t, create, alter, fails(ask(), errBroken)), user, loading), errBroken)
}

func TestConnectionsAreVerifiedAndLimited(t *testing.T) {
	trusted := &tls.Config{ServerName: "db", MinVersion: tls.VersionTLS12}
	cfg := connection(login.Login{Host: "::1", Port: 3306, User: "loader", Password: secret, Database: "shop"}, trusted)
	require.Equal(t, []string{"loader", secret, "shop", "tcp", "[::1]:3306"}, []string{cfg.User, cfg.Passwd, cfg.DBName, cfg.Net, cfg.Addr})
	require.Same(t, trusted, cfg.TLS)
	require.Equal(t, []time.Duration{10 * time.Second, time.Minute, time.Minute}, []time.Duration{cfg.Timeout, cfg.ReadTimeout, cfg.WriteTimeout})
	require.True(t, cfg.InterpolateParams)
	require.IsType(t, &mysql.NopLogger{}, cfg.Logger)
}

// refusing starts a server that refuses every connection with a MySQL error, and returns its port.
func refusing(t *testing.T, number uint16) int {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			conn, err := l.Accept()
			if err != nil {
				return
			}
			body := append([]byte{0xff, byte(number), byte(number >> 8)}, "#28000no"...) // An error packet in place of the greeting.
			_, _ = conn.Write(append([]byte{byte(len(body)), 0, 0, 0}, body...))
			_ = conn.Close()
		}
	}()
	return l.Addr().(*net.TCPAddr).Port
}

func TestRefusedConnections(t *testing.T) {
	s := Server{TLS: func(context.Context, string) (*tls.Config, error) {
		return &tls.Config{MinVersion: tls.VersionTLS12}, nil
	}}
	for number, wrong := range map[uint16]bool{1045: false, 1044: false, 1040: true} {
		l := login.Login{Host: "127.0.0.1", Port: refusing(t, number), User: "loader", Password: secret}
		accepted, err := s.Accepts(t.Context(), l)
		require.False(t, accepted, number)
		require.Equal(t, wrong, err != nil, "a wrong password is not an error: %v", err)
		for _, err := range []error{s.SetOwnPassword(t.Context(), l, "x"), s.Ensure(t.Context(), l, l, loading), s.Check(t.Context(), l, 1, nil)} {
			require.ErrorContains(t, err, "log in as "+l.String()+": Error ")
		}
	}
}
