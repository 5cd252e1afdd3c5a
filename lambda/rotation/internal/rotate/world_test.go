package rotate_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"encoding/json"
	"log/slog"
	"net"
	"os"
	"strconv"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/go-sql-driver/mysql"
	"github.com/google/uuid"
	"github.com/stretchr/testify/require"

	"localaws/database"
	"localaws/ministack"
	"store-events/lambda/rotation/internal/dbuser"
	"store-events/lambda/rotation/internal/rotate"
	"store-events/lambda/rotation/rotationapi"
	"store-events/tests/testtools"
)

// tables of the job. Only sales exists at first; etl_objects is never created.
var tables = []string{"sales", "etl_batches", "etl_objects"}

var grants = map[string]dbuser.Grants{
	"loader": {Privileges: []string{"SELECT", "INSERT", "UPDATE", "DELETE", "CREATE", "ALTER", "INDEX"}, Tables: tables, Server: []string{"PROCESS"}},
	"reader": {Privileges: []string{"SELECT"}, Tables: tables},
}

// value is the secret's value, with a key that is unknown to the rotation.
type value struct {
	Engine   string `json:"engine"`
	Host     string `json:"host"`
	Port     int    `json:"port"`
	Username string `json:"username"`
	Password string `json:"password"`
	DBName   string `json:"dbname"`
	Master   string `json:"masterarn,omitempty"`
}

// world is a real database server, and secrets of its master and of two users that
// do not exist yet.
type world struct {
	rotate.Rotation
	client                 *secretsmanager.Client
	tls                    *tls.Config
	port                   int
	master, loader, reader string
	servers                *database.Servers
}

func newWorld(t *testing.T) *world {
	t.Helper()
	emu, err := ministack.Start(t.Context(), ministack.Options{Command: testtools.Ministack(t), StateDir: t.TempDir(), Region: "us-east-1"})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, emu.Stop()) })
	w := &world{client: secretsmanager.NewFromConfig(emu.Config("us-east-1"))}
	w.startDatabase(t)
	w.Rotation = rotate.Rotation{
		Secrets: w.client, Grants: grants,
		Server: dbuser.Server{TLS: func(context.Context, string) (*tls.Config, error) { return w.tls, nil }},
	}
	login := value{Engine: "mysql", Host: "127.0.0.1", Port: w.port, Username: "mystiquemaster", Password: "master's \\ own", DBName: "store_events"}
	w.master = w.store(t, login)
	login.Username, login.Password, login.Master = "loader", "loader's \\ first", w.master
	w.loader = w.store(t, login)
	login.Username, login.Password = "reader", "reader's \\ first"
	w.reader = w.store(t, login)
	return w
}

func (w *world) startDatabase(t *testing.T) {
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	w.port = l.Addr().(*net.TCPAddr).Port
	require.NoError(t, l.Close())
	state := t.TempDir()
	servers, err := database.Open(database.Options{ServerDir: testtools.Database(t), StateDir: state, Log: slog.New(slog.DiscardHandler)})
	require.NoError(t, err)
	w.servers = servers
	t.Cleanup(func() { require.NoError(t, servers.Close()) })
	require.NoError(t, servers.Create(t.Context(), database.Spec{
		ID: "db", User: "mystiquemaster", Password: "master's \\ own", Database: "store_events", Port: w.port,
	}))
	text, err := os.ReadFile(database.CAFile(state))
	require.NoError(t, err)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(text))
	w.tls = &tls.Config{RootCAs: pool, ServerName: "127.0.0.1", MinVersion: tls.VersionTLS12}
}

// store creates a secret whose user and address are already in it.
func (w *world) store(t *testing.T, v value) (arn string) {
	t.Helper()
	text, err := json.Marshal(v)
	require.NoError(t, err)
	made, err := w.client.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{
		Name: aws.String(v.Username + uuid.NewString()), SecretString: aws.String(string(text)),
	})
	require.NoError(t, err)
	_, err = w.client.UpdateSecretVersionStage(t.Context(), &secretsmanager.UpdateSecretVersionStageInput{
		SecretId: made.ARN, VersionStage: aws.String(rotationapi.First), MoveToVersionId: made.VersionId,
	})
	require.NoError(t, err)
	return aws.ToString(made.ARN)
}

// storeFirst creates a secret as a deployment does. Secrets Manager labels the first version as current.
func (w *world) storeFirst(t *testing.T, v value) (arn string) {
	t.Helper()
	made, err := w.client.CreateSecret(t.Context(), &secretsmanager.CreateSecretInput{Name: aws.String(v.Username + uuid.NewString())})
	require.NoError(t, err)
	w.putFirst(t, aws.ToString(made.ARN), v)
	return aws.ToString(made.ARN)
}

// putFirst writes only the password, as a deployment does.
func (w *world) putFirst(t *testing.T, secret string, v value) {
	t.Helper()
	text, err := json.Marshal(map[string]string{"password": v.Password})
	require.NoError(t, err)
	_, err = w.client.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{
		SecretId: &secret, SecretString: aws.String(string(text)), VersionStages: []string{rotationapi.First},
	})
	require.NoError(t, err)
}

// overwrite sets a secret's password without changing the database.
func (w *world) overwrite(t *testing.T, secret, password string) {
	t.Helper()
	v := w.read(t, secret, "AWSCURRENT")
	v.Password = password
	text, err := json.Marshal(v)
	require.NoError(t, err)
	_, err = w.client.PutSecretValue(t.Context(), &secretsmanager.PutSecretValueInput{SecretId: &secret, SecretString: aws.String(string(text))})
	require.NoError(t, err)
}

func (w *world) read(t *testing.T, secret, stage string) (v value) {
	t.Helper()
	out, err := w.client.GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &secret, VersionStage: &stage})
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal([]byte(aws.ToString(out.SecretString)), &v))
	return v
}

// step runs one step of a rotation.
func (w *world) step(t *testing.T, secret, token, step string) error {
	return w.Handle(t.Context(), rotate.Event{Step: step, SecretID: secret, ClientRequestToken: token})
}

// facts returns a login without its password.
func (v value) facts(t *testing.T) (facts map[string]any) {
	t.Helper()
	text, err := json.Marshal(v)
	require.NoError(t, err)
	require.NoError(t, json.Unmarshal(text, &facts))
	delete(facts, "password")
	return facts
}

// deploy calls the function to create the user of a secret, with facts of the login.
func (w *world) deploy(t *testing.T, secret string, facts map[string]any) {
	t.Helper()
	require.NoError(t, w.Handle(t.Context(), rotate.Event{Step: rotationapi.CreateUser, SecretID: secret, Facts: facts}))
}

// everyLoginWorks checks that all current logins are accepted.
func (w *world) everyLoginWorks(t *testing.T) {
	t.Helper()
	for _, secret := range []string{w.master, w.loader, w.reader} {
		require.NoError(t, w.run(t, secret, "DO 0"))
	}
}

// rotate runs a complete rotation, each step twice as Secrets Manager may do.
func (w *world) rotate(t *testing.T, secret string) {
	t.Helper()
	token := uuid.NewString()
	for _, step := range []string{"createSecret", "setSecret", "testSecret", "finishSecret"} {
		for range 2 {
			require.NoError(t, w.step(t, secret, token, step))
		}
	}
}

// connect opens one connection with a login. Without TLS if secure is false.
func (w *world) connect(t *testing.T, v value, secure bool) (*sql.Conn, error) {
	t.Helper()
	cfg := mysql.NewConfig()
	cfg.User, cfg.Passwd, cfg.DBName = v.Username, v.Password, v.DBName
	cfg.Net, cfg.Addr = "tcp", net.JoinHostPort(v.Host, strconv.Itoa(v.Port))
	cfg.Logger = &mysql.NopLogger{}
	if secure {
		cfg.TLS = w.tls
	}
	connector, err := mysql.NewConnector(cfg)
	require.NoError(t, err)
	db := sql.OpenDB(connector)
	db.SetMaxIdleConns(-1) // Connections are not kept idle: the server's number of connections is limited.
	t.Cleanup(func() { _ = db.Close() })
	return db.Conn(t.Context())
}

// run runs statements as the current login of a secret; it stops at an error.
func (w *world) run(t *testing.T, secret string, statements ...string) error {
	t.Helper()
	conn, err := w.connect(t, w.read(t, secret, "AWSCURRENT"), true)
	if err != nil {
		return err
	}
	defer func() { _ = conn.Close() }()
	for _, statement := range statements {
		if _, err := conn.ExecContext(t.Context(), statement); err != nil {
			return err
		}
	}
	return nil
}
