package e2e

import (
	"crypto/tls"
	"crypto/x509"
	"fmt"
	"log/slog"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"localaws/awsclient"
	"localaws/credentials"
	mysqld "localaws/database"
	"store-events/program/output"
	"store-events/tests/testtools"
)

// TestExistingDatabase loads a MySQL server that the stack did not make: first it is
// refused for its settings, by name, then users are made and rows arrive.
func TestExistingDatabase(t *testing.T) {
	s := newStack(t)
	state := t.TempDir()
	servers, err := mysqld.Open(mysqld.Options{ServerDir: testtools.Database(t), StateDir: state, Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, servers.Close()) })
	require.NoError(t, servers.Create(t.Context(), mysqld.Spec{
		ID: "theirs", User: "dba", Password: "their own secret", Database: "warehouse", Port: s.dbPort,
	}))
	s.run(t, nil, "local", "start")
	owner, err := credentials.Read(s.state)
	require.NoError(t, err)
	made, err := secretsmanager.NewFromConfig(awsclient.Signed("us-east-1", s.endpoint(), owner)).CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{
		Name: aws.String("their-dba"), SecretString: aws.String(`{"username":"dba","password":"their own secret"}`), // As RDS manages it.
	})
	require.NoError(t, err)
	s.settings = strings.Join([]string{
		"store-events:databaseHost=127.0.0.1", "store-events:databaseName=warehouse", "store-events:databaseSecretArn=" + *made.ARN,
		"store-events:databaseCidr=127.0.0.1/32", "store-events:databaseCaFile=" + mysqld.CAFile(state), "store-events:databaseBackupDays=",
	}, "\n")
	require.Contains(t, s.fails(t, "up"), "local_infile is OFF")
	require.NoError(t, servers.SetParameters(t.Context(), "theirs", map[string]string{"local_infile": "1", "require_secure_transport": "1"}))

	var demo demoReport
	s.run(t, &demo, "demo", "--events", "50")
	require.Equal(t, 100, demo.Arrived.Rows)
	out := s.outputs(t)
	require.Equal(t, fmt.Sprintf("127.0.0.1:%d", s.dbPort), out[output.DatabaseEndpoint])
	secret, err := secretsmanager.NewFromConfig(s.config(out)).GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String(out[output.LoaderSecretArn].(string))})
	require.NoError(t, err)
	require.Contains(t, *secret.SecretString, `"se_local_load"`, "stacks may share the server")
	s.verified(t, 1)
	var status struct {
		Parts []struct{ Kind, Name, State, Detail string }
	}
	s.run(t, &status, "status")
	for _, p := range status.Parts {
		require.NotContains(t, []string{"", "error", "missing"}, p.State, "%s %s: %s", p.Kind, p.Name, p.Detail)
	}

	s.run(t, nil, "down")
	var rows int
	db := open(t, theirLogin(t, s.dbPort, mysqld.CAFile(state)))
	require.NoError(t, db.QueryRowContext(t.Context(), "SELECT count(*) FROM sales_txns_tbl").Scan(&rows))
	require.Equal(t, 100, rows, "the data is theirs")
}

func theirLogin(t *testing.T, port int, authorities string) *mysql.Config {
	t.Helper()
	text, err := os.ReadFile(authorities) //nolint:gosec // The server's, of this test.
	require.NoError(t, err)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(text))
	c := mysql.NewConfig()
	c.User, c.Passwd, c.DBName = "dba", "their own secret", "warehouse"
	c.Net, c.Addr = "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	c.TLS = &tls.Config{RootCAs: pool, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}
	return c
}
