package e2e

import (
	"crypto/tls"
	"crypto/x509"
	"database/sql"
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

// TestExistingDatabase loads an existing MySQL server: first it is refused because of its
// settings, then users are created and rows are loaded.
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
		Name: aws.String("their-dba"), SecretString: aws.String(`{"username":"dba","password":"their own secret"}`), // The format of secrets that RDS manages.
	})
	require.NoError(t, err)
	s.settings = strings.Join([]string{
		"store-events:databaseHost=127.0.0.1", "store-events:databaseName=warehouse", "store-events:databaseSecretArn=" + *made.ARN,
		"store-events:databaseCidr=127.0.0.1/32", "store-events:databaseCaFile=" + mysqld.CAFile(state), "store-events:databaseBackupDays=",
	}, "\n")
	require.Contains(t, s.fails(t, "up"), "local_infile is OFF")
	require.NoError(t, servers.SetParameters(t.Context(), "theirs", map[string]string{"local_infile": "1", "require_secure_transport": "1"}))

	s.run(t, nil, "up")
	s.run(t, nil, "produce", "--events", "50")
	s.run(t, nil, "ingest")
	out := s.outputs(t)
	require.Equal(t, fmt.Sprintf("127.0.0.1:%d", s.dbPort), out[output.DatabaseEndpoint])
	secret, err := secretsmanager.NewFromConfig(s.config(out)).GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: aws.String(out[output.LoaderSecretArn].(string))})
	require.NoError(t, err)
	require.Contains(t, *secret.SecretString, `"se_local_load"`, "stacks may share the server")
	s.verified(t, 0)
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
	require.Equal(t, 50, rows, "the database's data is kept")

	usersThatExist(t, s, db, mysqld.CAFile(state))
}

// usersThatExist deploys the stack again with existing users, which have exactly the
// privileges of docs/existing.md.
func usersThatExist(t *testing.T, s *stack, db *sql.DB, authorities string) {
	t.Helper()
	do := func(statements ...string) {
		t.Helper()
		for _, statement := range statements {
			_, err := db.ExecContext(t.Context(), statement)
			require.NoError(t, err, statement)
		}
	}
	do("DROP DATABASE warehouse", "CREATE DATABASE warehouse", "USE warehouse")
	statements := documentedUsers(t)
	do(statements...)
	do("REVOKE DELETE ON warehouse.* FROM 'loader'@'%'")

	s.run(t, nil, "local", "start")
	owner, err := credentials.Read(s.state)
	require.NoError(t, err)
	secrets := secretsmanager.NewFromConfig(awsclient.Signed("us-east-1", s.endpoint(), owner))
	s.settings = strings.Join([]string{
		"store-events:databaseHost=127.0.0.1", "store-events:databaseName=warehouse", "store-events:databaseCidr=127.0.0.1/32",
		"store-events:databaseCaFile=" + authorities, "store-events:databaseBackupDays=",
	}, "\n")
	values := map[string]string{}
	for user, setting := range map[string]string{"loader": "databaseLoaderSecretArn", "reader": "databaseReaderSecretArn"} {
		values[user] = fmt.Sprintf(`{"host":"127.0.0.1","port":%d,"dbname":"warehouse","username":%q,"password":"<password>"}`, s.dbPort, user)
		made, err := secrets.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: aws.String("their-" + user), SecretString: aws.String(values[user])})
		require.NoError(t, err)
		s.settings += "\nstore-events:" + setting + "=" + *made.ARN
	}
	require.Contains(t, s.fails(t, "up"), "loader@% lacks DELETE on warehouse.sales_txns_tbl: GRANT DELETE ON")
	do("GRANT DELETE ON warehouse.* TO 'loader'@'%'")
	s.run(t, nil, "up")
	s.run(t, nil, "produce", "--events", "50")
	s.run(t, nil, "ingest")
	s.verified(t, 0)
	var answer struct{ Rows [][]any }
	s.run(t, &answer, "query", "SELECT current_user(), count(*) FROM sales_txns_tbl")
	require.Equal(t, [][]any{{"reader@%", "50"}}, answer.Rows)

	s.run(t, nil, "down")
	for user := range values {
		var held []string
		rows, err := db.QueryContext(t.Context(), "SHOW GRANTS FOR '"+user+"'@'%'")
		require.NoError(t, err)
		for rows.Next() {
			var grant string
			require.NoError(t, rows.Scan(&grant))
			held = append(held, grant)
		}
		require.NoError(t, rows.Err())
		require.Len(t, held, 2, "privileges of existing users are kept: %v", held)
	}
}

// documentedUsers returns the statements of docs/existing.md that create the users.
func documentedUsers(t *testing.T) []string {
	t.Helper()
	page, err := os.ReadFile("../../docs/existing.md")
	require.NoError(t, err)
	_, block, found := strings.Cut(string(page), "```sql\nCREATE USER")
	require.True(t, found)
	block, _, _ = strings.Cut("CREATE USER"+block, "```")
	statements := strings.Split(strings.TrimSuffix(strings.TrimSpace(block), ";"), ";\n")
	require.Len(t, statements, 4)
	return statements
}

func theirLogin(t *testing.T, port int, authorities string) *mysql.Config {
	t.Helper()
	text, err := os.ReadFile(authorities) //nolint:gosec // The CA file of this test's server.
	require.NoError(t, err)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(text))
	c := mysql.NewConfig()
	c.User, c.Passwd, c.DBName = "dba", "their own secret", "warehouse"
	c.Net, c.Addr = "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
	c.TLS = &tls.Config{RootCAs: pool, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}
	return c
}
