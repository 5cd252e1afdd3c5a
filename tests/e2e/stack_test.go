package e2e

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"crypto/x509"
	"database/sql"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/glue"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/go-sql-driver/mysql"
	"github.com/stretchr/testify/require"

	"localaws/awsclient"
	"localaws/credentials"
	"localaws/daemon"
	"store-events/config"
	"store-events/program/output"
	"store-events/tests/testtools"
)

// stack is a separate local stack: its state is in a folder of the test, its gateway
// and database use free ports.
type stack struct {
	state  string
	port   int
	dbPort int
	// settings are additional settings, one per line.
	settings string
	// ran are the arguments of all commands that printed a JSON document.
	ran []string
}

// glueVersion is 6.0 in `make test-glue6`.
var glueVersion = flag.String("glue-version", config.Default().Etl.GlueVersion, "glueVersion of the stacks")

func newStack(t *testing.T) *stack {
	t.Helper()
	ports := testtools.FreePorts(t, 2)
	s := &stack{state: filepath.Join(t.TempDir(), "state"), port: ports[0], dbPort: ports[1]}
	if *glueVersion != config.Default().Etl.GlueVersion {
		s.settings = "store-events:glueVersion=" + *glueVersion
	}
	t.Cleanup(func() {
		if _, err := os.Stat(s.state); err == nil { // The test may have failed before its teardown.
			out, err := s.command(context.Background(), "local", "stop").CombinedOutput()
			if err != nil {
				t.Errorf("stop the local AWS: %v\n%s", err, out)
			}
		}
	})
	return s
}

// command returns a command of the built storeevents CLI on this stack.
func (s *stack) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "../../bin/storeevents", args...)
	cmd.Env = append(os.Environ(),
		"STORE_EVENTS_STATE="+s.state,
		fmt.Sprintf("STORE_EVENTS_PORT=%d", s.port),
		fmt.Sprintf("STORE_EVENTS_CONFIG=store-events:databasePort=%d\n%s", s.dbPort, s.settings),
		// The engine saves its state once, which halves its CPU time: no test here interrupts an update.
		"PULUMI_SKIP_CHECKPOINTS=true",
	)
	return cmd
}

// run runs the CLI and decodes the one JSON document that it prints.
func (s *stack) run(t *testing.T, result any, args ...string) {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := s.command(t.Context(), append(args, "--output", "json")...)
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	start := time.Now()
	err := cmd.Run()
	t.Logf("storeevents %v: %.1f s", args, time.Since(start).Seconds())
	require.NoError(t, err, "storeevents %v\nstdout: %s\nstderr: %s", args, stdout.String(), stderr.String())
	if result == nil {
		result = new(any)
	}
	require.NoError(t, json.Unmarshal(stdout.Bytes(), result), stdout.String())
	s.ran = append(s.ran, strings.Join(args, " "))
}

// try runs the CLI, which may fail, and decodes its JSON document.
func (s *stack) try(t *testing.T, result any, args ...string) {
	t.Helper()
	var stdout bytes.Buffer
	cmd := s.command(t.Context(), append(args, "--output", "json")...)
	cmd.Stdout = &stdout
	_ = cmd.Run() // The document has the error.
	require.NoError(t, json.Unmarshal(stdout.Bytes(), result), stdout.String())
}

// fails runs the CLI, expects it to fail, and returns the error of its JSON document.
func (s *stack) fails(t *testing.T, args ...string) string {
	t.Helper()
	var stdout bytes.Buffer
	cmd := s.command(t.Context(), append(args, "--output", "json")...)
	cmd.Stdout = &stdout
	require.Error(t, cmd.Run(), "storeevents %v: %s", args, stdout.String())
	require.True(t, json.Valid(stdout.Bytes()), "one document: %s", stdout.String())
	return stdout.String()
}

func (s *stack) endpoint() string { return fmt.Sprintf("http://127.0.0.1:%d", s.port) }

func (s *stack) outputs(t *testing.T) map[string]any {
	t.Helper()
	var out map[string]any
	s.run(t, &out, "outputs")
	return out
}

func (s *stack) config(outputs map[string]any) aws.Config {
	owner, err := credentials.Read(s.state)
	if err != nil {
		panic(err) // the stack is up
	}
	return awsclient.Signed(outputs[output.Region].(string), s.endpoint(), owner)
}

// clientEnv returns the variables of `local env`, and PATH.
func (s *stack) clientEnv(t *testing.T) []string {
	t.Helper()
	var variables map[string]string
	s.run(t, &variables, "local", "env")
	env := []string{"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir()}
	for name, value := range variables {
		env = append(env, name+"="+value)
	}
	return env
}

// ranOn expects that all runs of the job used the Glue version.
func (s *stack) ranOn(t *testing.T, outputs map[string]any, version string) {
	t.Helper()
	runs, err := glue.NewFromConfig(s.config(outputs)).GetJobRuns(t.Context(), &glue.GetJobRunsInput{JobName: aws.String(outputs[output.Job].(string))})
	require.NoError(t, err)
	require.NotEmpty(t, runs.JobRuns)
	for _, run := range runs.JobRuns {
		require.Equal(t, version, aws.ToString(run.GlueVersion), aws.ToString(run.Id))
	}
}

// verified expects rows, Parquet and quarantine to match the objects.
func (s *stack) verified(t *testing.T, quarantined int) {
	t.Helper()
	var v verification
	s.run(t, &v, "verify")
	require.True(t, v.OK)
	require.Equal(t, v.Rows, v.ParquetRows)
	require.Equal(t, quarantined, v.Quarantined)
}

func (s *stack) s3(outputs map[string]any) *s3.Client {
	return s3.NewFromConfig(s.config(outputs), func(o *s3.Options) { o.UsePathStyle = true })
}

// removeAll removes objects of the events bucket.
func (s *stack) removeAll(t *testing.T, outputs map[string]any, prefix string) {
	t.Helper()
	bucket := aws.String(outputs[output.Bucket].(string))
	list, err := s.s3(outputs).ListObjectsV2(t.Context(), &s3.ListObjectsV2Input{Bucket: bucket, Prefix: &prefix})
	require.NoError(t, err)
	require.NotEmpty(t, list.Contents)
	for _, object := range list.Contents {
		_, err := s.s3(outputs).DeleteObject(t.Context(), &s3.DeleteObjectInput{Bucket: bucket, Key: object.Key})
		require.NoError(t, err)
	}
}

// gzipped compresses a string.
func gzipped(t *testing.T, text string) string {
	t.Helper()
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, err := w.Write([]byte(text))
	require.NoError(t, err)
	require.NoError(t, w.Close())
	return out.String()
}

// put writes an object to the events bucket.
func (s *stack) put(t *testing.T, outputs map[string]any, key, body string) {
	t.Helper()
	_, err := s.s3(outputs).PutObject(t.Context(), &s3.PutObjectInput{
		Bucket: aws.String(outputs[output.Bucket].(string)), Key: &key, Body: bytes.NewReader([]byte(body)),
	})
	require.NoError(t, err)
}

// rotate changes the password in a secret, and returns the previous login.
func (s *stack) rotate(t *testing.T, outputs map[string]any, secret string) *mysql.Config {
	t.Helper()
	before := s.login(t, outputs, secret)
	arn := outputs[secret].(string)
	_, err := secretsmanager.NewFromConfig(s.config(outputs)).RotateSecret(t.Context(), &secretsmanager.RotateSecretInput{SecretId: &arn})
	require.NoError(t, err)
	return before
}

// login returns the configuration for the login in an output's secret, with verified TLS.
func (s *stack) login(t *testing.T, outputs map[string]any, secretOutput string) *mysql.Config {
	t.Helper()
	arn := outputs[secretOutput].(string)
	v, err := secretsmanager.NewFromConfig(s.config(outputs)).GetSecretValue(t.Context(), &secretsmanager.GetSecretValueInput{SecretId: &arn})
	require.NoError(t, err)
	var secret struct {
		Username, Password, Host, DBName string
		Port                             json.Number
	}
	require.NoError(t, json.Unmarshal([]byte(*v.SecretString), &secret))
	authority, err := os.ReadFile(daemon.DatabaseCA(s.state))
	require.NoError(t, err)
	pool := x509.NewCertPool()
	require.True(t, pool.AppendCertsFromPEM(authority))
	c := mysql.NewConfig()
	c.User, c.Passwd, c.DBName = secret.Username, secret.Password, secret.DBName
	c.Net, c.Addr = "tcp", net.JoinHostPort(secret.Host, secret.Port.String())
	c.TLS = &tls.Config{RootCAs: pool, ServerName: secret.Host, MinVersion: tls.VersionTLS12}
	return c
}

// database connects as the master.
func (s *stack) database(t *testing.T, outputs map[string]any) *sql.DB {
	t.Helper()
	return open(t, s.login(t, outputs, output.MasterSecretArn))
}

func open(t *testing.T, login *mysql.Config) *sql.DB {
	t.Helper()
	connector, err := mysql.NewConnector(login)
	require.NoError(t, err)
	db := sql.OpenDB(connector)
	// It fails if the server has already ended, such as after a teardown.
	t.Cleanup(func() { _ = db.Close() })
	return db
}
