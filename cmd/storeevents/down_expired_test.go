package main

import (
	"bytes"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/rds"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/stretchr/testify/require"

	"localaws/awsclient"
	"localaws/credentials"
	"localaws/daemon"
	"store-events/config"
	"store-events/deploy"
	"store-events/program/output"
	"store-events/tests/testtools"
)

// TestExpiredStacksAreDestroyed deploys two stacks with a TTL of two days to one local
// AWS, and moves the clock. One has data, which only an expired stack loses without
// confirmation; the other protects its data.
func TestExpiredStacksAreDestroyed(t *testing.T) {
	w := newExpiryWorld(t)
	w.up(t, "pr-1", nil)
	w.up(t, "pr-2", map[string]string{"protectData": "true"})
	bucket := w.bucket(t, "pr-1")
	_, err := w.client.PutObject(t.Context(), &s3.PutObjectInput{Bucket: &bucket, Key: aws.String("sale_events/dt=2026-11-28/a.json"), Body: strings.NewReader("{}")})
	require.NoError(t, err)
	_, err = w.client.CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("of-somebody-else")})
	require.NoError(t, err)
	before := w.names(t)

	var refused struct{ Error string }
	require.Equal(t, 1, w.run(t, &refused, "up", "--stack", "pr-1", "--config", "store-events:databaseName=other"))
	require.Contains(t, refused.Error, "the update would lose data, and nothing is changed:\n  aws:rds/instance:Instance store-events-pr-1-instance is replaced")

	w.clock = noon.Add(48*time.Hour - time.Second)
	var r expiredResult
	require.Zero(t, w.run(t, &r, "down", "--expired", "--yes"))
	require.Empty(t, r.Destroyed)
	require.Empty(t, r.Failed)
	require.Equal(t, before, w.names(t))

	w.clock = noon.Add(48 * time.Hour)
	require.Equal(t, 1, w.run(t, &r, "down", "--expired", "--yes"), "a stack that protects its data is kept")
	require.Len(t, r.Destroyed, 1)
	require.Equal(t, "pr-1", r.Destroyed[0].Stack)
	require.Greater(t, r.Destroyed[0].Changes["delete"], 60)
	require.Len(t, r.Failed, 1)
	require.Equal(t, "pr-2", r.Failed[0].Stack)
	require.Contains(t, r.Failed[0].Error, "protectData is set for stack pr-2")
	var kept []string
	for _, name := range before {
		if !strings.Contains(name, "-pr-1-") {
			kept = append(kept, name)
		}
	}
	require.NotEqual(t, before, kept)
	require.Equal(t, kept, w.names(t), "only the stack and its data are deleted")
	require.NoFileExists(t, deploy.SettingsFile(w.dir, "pr-1"))
	for _, name := range []string{"pr-2", "dev", "prod", "local"} {
		require.FileExists(t, deploy.SettingsFile(w.dir, name))
	}
	require.Contains(t, w.bucket(t, "pr-2"), "-pr-2-", "the engine still has its state")

	local := app{state: w.state, stack: deploy.LocalStack}
	require.NoError(t, os.WriteFile(local.pausedFile(), nil, 0o600))
	var down downResult
	require.NoError(t, json.Unmarshal(w.local("down"), &down))
	require.False(t, down.StateRemoved)
	require.Equal(t, []string{"pr-2"}, down.KeptFor, "the local AWS stays for the stacks that use it")
	require.Equal(t, kept, w.names(t))
	require.NoFileExists(t, local.pausedFile(), "the next update deploys a running stack")
}

// A stack on AWS that was never deployed is removed without a call to AWS. The paused local
// stack, the default of --stack, does not prevent this, nor do invalid files.
func TestOtherStacksDoNotKeepAnExpiredStack(t *testing.T) {
	dir, state := t.TempDir(), t.TempDir()
	copyProject(t, dir)
	t.Setenv("PULUMI_BACKEND_URL", "file://"+t.TempDir())
	t.Setenv("PULUMI_CONFIG_PASSPHRASE", "test")
	t.Setenv("STORE_EVENTS_CONFIG", "")
	a := newApp(io.Discard, io.Discard)
	a.project, a.stack = dir, "pr-1"
	require.NoError(t, a.ephemeral("dev", time.Hour, noon.Add(-time.Hour), keyOf))
	a.state, a.stack = state, deploy.LocalStack
	require.NoError(t, a.setPaused(true))

	for stack, text := range map[string]string{"a-cut": "config: [", "no-date": "config:\n  aws:defaultTags:\n    tags:\n      " + expiryTag + ": soon\n"} {
		require.NoError(t, os.WriteFile(deploy.SettingsFile(dir, stack), []byte(text), 0o600))
	}

	w := expiryWorld{dir: dir, state: state, clock: noon}
	var r expiredResult
	require.Equal(t, 1, w.run(t, &r, "down", "--expired", "--yes"))
	require.Len(t, r.Failed, 2, "%v", r.Failed)
	require.Equal(t, "a-cut", r.Failed[0].Stack)
	require.Contains(t, r.Failed[0].Error, "Pulumi.a-cut.yaml: yaml:")
	require.Equal(t, "no-date", r.Failed[1].Stack)
	require.Contains(t, r.Failed[1].Error, `tag ExpiresAt: parsing time "soon"`)
	require.Len(t, r.Destroyed, 1)
	require.Equal(t, "pr-1", r.Destroyed[0].Stack)
	require.NoFileExists(t, deploy.SettingsFile(dir, "pr-1"))
	require.FileExists(t, a.pausedFile())
}

type expiryWorld struct {
	dir, state, endpoint string
	clock                time.Time
	cfg                  aws.Config
	client               *s3.Client
	// local runs the built command against this AWS, and returns its output.
	local func(args ...string) []byte
}

func newExpiryWorld(t *testing.T) *expiryWorld {
	t.Helper()
	w := &expiryWorld{dir: t.TempDir(), state: filepath.Join(t.TempDir(), "state"), clock: noon}
	copyProject(t, w.dir)
	port := strconv.Itoa(testtools.FreePorts(t, 1)[0])
	w.endpoint = "http://127.0.0.1:" + port
	w.local = func(args ...string) []byte {
		cmd := exec.Command(filepath.Join(w.dir, "bin", "storeevents"), append(args, "--project", w.dir, "--state", w.state, "--port", port, "--output", "json")...) //nolint:gosec,noctx // The project's binary, also run in cleanup.
		out, err := cmd.Output()
		require.NoError(t, err, string(out))
		return out
	}
	w.local("local", "start")
	t.Cleanup(func() { w.local("local", "stop") })
	owner, err := credentials.Read(w.state)
	require.NoError(t, err)
	w.cfg = awsclient.Signed("us-east-1", w.endpoint, owner)
	w.client = s3.NewFromConfig(w.cfg, func(o *s3.Options) { o.UsePathStyle = true })
	for name, value := range map[string]string{
		"AWS_ENDPOINT_URL": w.endpoint, "AWS_ACCESS_KEY_ID": owner.AccessKeyID, "AWS_SECRET_ACCESS_KEY": owner.SecretAccessKey, "AWS_REGION": "us-east-1",
		"AWS_SESSION_TOKEN": "", "AWS_PROFILE": "",
	} {
		t.Setenv(name, value)
	}
	dev, err := deploy.ReadSettings(w.dir, "dev")
	require.NoError(t, err)
	dev.Config[config.Namespace+":databaseCaFile"] = daemon.DatabaseCA(w.state)
	require.NoError(t, dev.Write(deploy.SettingsFile(w.dir, "dev")))
	return w
}

// app returns the command line with the world's clock.
func (w *expiryWorld) app(stdout *bytes.Buffer) *app {
	a := newApp(stdout, &bytes.Buffer{})
	a.now, a.emulated = func() time.Time { return w.clock }, w.endpoint
	return a
}

// run runs a command, decodes its one JSON document, and returns the exit status.
func (w *expiryWorld) run(t *testing.T, result any, args ...string) int {
	t.Helper()
	var stdout bytes.Buffer
	a := w.app(&stdout)
	root := newRoot(a)
	root.SetArgs(append(args, "--project", w.dir, "--state", w.state, "--output", "json"))
	start, status := time.Now(), 0
	if err := root.ExecuteContext(t.Context()); err != nil {
		a.fail(err)
		status = 1
	}
	t.Logf("storeevents %v: %.1f s", args, time.Since(start).Seconds())
	decoder := json.NewDecoder(&stdout)
	require.NoError(t, decoder.Decode(result), "%v", args)
	require.ErrorIs(t, decoder.Decode(&struct{}{}), io.EOF, "one document")
	return status
}

// up deploys a stack with a TTL of two days and settings besides those of dev.
func (w *expiryWorld) up(t *testing.T, stack string, settings map[string]string) {
	t.Helper()
	a := w.app(&bytes.Buffer{})
	a.project, a.stack = w.dir, stack
	require.NoError(t, a.ephemeral("dev", 48*time.Hour, noon, keyOf))
	s, err := deploy.ReadSettings(w.dir, stack)
	require.NoError(t, err)
	s.Config[config.Namespace+":databasePort"] = strconv.Itoa(testtools.FreePorts(t, 1)[0])
	for key, value := range settings {
		s.Config[config.Namespace+":"+key] = value
	}
	require.NoError(t, s.Write(deploy.SettingsFile(w.dir, stack)))
	var r upResult
	require.Zero(t, w.run(t, &r, "up", "--stack", stack, "--from", "dev", "--ttl", "48h"), r)
	require.Greater(t, r.Changes["create"], 60)
}

func (w *expiryWorld) bucket(t *testing.T, stack string) string {
	t.Helper()
	var outputs map[string]any
	require.Zero(t, w.run(t, &outputs, "outputs", "--stack", stack))
	return outputs[output.Bucket].(string)
}

// names returns the buckets, databases and functions of the account.
func (w *expiryWorld) names(t *testing.T) []string {
	t.Helper()
	var all []string
	buckets, err := w.client.ListBuckets(t.Context(), &s3.ListBucketsInput{})
	require.NoError(t, err)
	for _, b := range buckets.Buckets {
		all = append(all, *b.Name)
	}
	databases, err := rds.NewFromConfig(w.cfg).DescribeDBInstances(t.Context(), &rds.DescribeDBInstancesInput{})
	require.NoError(t, err)
	for _, d := range databases.DBInstances {
		all = append(all, *d.DBInstanceIdentifier)
	}
	functions, err := lambda.NewFromConfig(w.cfg).ListFunctions(t.Context(), &lambda.ListFunctionsInput{})
	require.NoError(t, err)
	for _, f := range functions.Functions {
		all = append(all, *f.FunctionName)
	}
	slices.Sort(all)
	return all
}

// copyProject copies the program and its settings, and links the artifacts of `make setup`.
func copyProject(t *testing.T, to string) {
	t.Helper()
	from := filepath.Join("..", "..")
	names := testtools.Files(t, from, ":!bench", ":!docs", ":!tests", ":(exclude,glob)*.md")
	names = append(names, "bin/state/project.json", "bin/storeevents", "bin/policy/store-events-policy", "bin/policy/PulumiPolicy.yaml")
	for _, name := range names {
		raw := filepath.Join(from, name)
		info, err := os.Stat(raw)
		require.NoError(t, err)
		target := filepath.Join(to, name)
		require.NoError(t, os.MkdirAll(filepath.Dir(target), 0o750))
		if strings.HasPrefix(name, "bin/") {
			absolute, err := filepath.Abs(raw)
			require.NoError(t, err)
			require.NoError(t, os.Symlink(absolute, target))
			continue
		}
		text, err := os.ReadFile(raw) //nolint:gosec // A file of the project.
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(target, text, info.Mode().Perm()))
	}
}
