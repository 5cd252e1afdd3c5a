package ministack_test

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/athena"
	"github.com/aws/aws-sdk-go-v2/service/athena/types"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"localaws/ministack"
	"localaws/testtools"
)

func start(t *testing.T, state string) *ministack.Emulator {
	t.Helper()
	e, err := ministack.Start(t.Context(), ministack.Options{
		Command: testtools.Ministack(t), StateDir: state, GatewayURL: "http://127.0.0.1:1", Region: "us-east-1",
	})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, e.Stop()) })
	return e
}

func client(e *ministack.Emulator) *s3.Client {
	return s3.NewFromConfig(e.Config("us-east-1"), func(o *s3.Options) { o.UsePathStyle = true })
}

// A setup may link the program into a folder with another Python.
func TestStartThroughASymlink(t *testing.T) {
	dir := t.TempDir()
	command := filepath.Join(dir, "ministack")
	require.NoError(t, os.Symlink(testtools.Ministack(t), command))
	require.NoError(t, os.Symlink("/bin/false", filepath.Join(dir, "python")))
	e, err := ministack.Start(t.Context(), ministack.Options{Command: command, StateDir: t.TempDir(), GatewayURL: "http://127.0.0.1:1", Region: "us-east-1"})
	require.NoError(t, err)
	require.NoError(t, e.Stop())
}

func TestStateSurvivesARestart(t *testing.T) {
	state := t.TempDir()
	e := start(t, state)
	bucket, key := aws.String("events"), aws.String("a/b.json")
	_, err := client(e).CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: bucket})
	require.NoError(t, err)
	_, err = client(e).PutObject(t.Context(), &s3.PutObjectInput{Bucket: bucket, Key: key, Body: bytes.NewReader([]byte("content")), Metadata: map[string]string{"of": "test"}})
	require.NoError(t, err)
	require.NoError(t, e.Stop())
	require.NoError(t, e.Err(), "a stop is not a failure")

	out, err := client(start(t, state)).GetObject(t.Context(), &s3.GetObjectInput{Bucket: bucket, Key: key})
	require.NoError(t, err)
	content, err := io.ReadAll(out.Body)
	require.NoError(t, err)
	require.Equal(t, "content", string(content))
	require.Equal(t, map[string]string{"of": "test"}, out.Metadata)
}

func TestStateSurvivesAKill(t *testing.T) {
	state := t.TempDir()
	e := start(t, state)
	bucket := aws.String("events")
	_, err := client(e).CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: bucket})
	require.NoError(t, err)
	_, err = client(e).PutBucketTagging(t.Context(), &s3.PutBucketTaggingInput{Bucket: bucket, Tagging: &s3types.Tagging{
		TagSet: []s3types.Tag{{Key: aws.String("team"), Value: aws.String("stores")}},
	}})
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		raw, err := os.ReadFile(filepath.Join(state, "state", "s3.json")) //nolint:gosec // a path of this test
		return err == nil && strings.Contains(string(raw), "stores")
	}, 30*time.Second, 100*time.Millisecond)
	require.NoError(t, syscall.Kill(e.PID(), syscall.SIGKILL))
	<-e.Done()

	out, err := client(start(t, state)).GetBucketTagging(t.Context(), &s3.GetBucketTaggingInput{Bucket: bucket})
	require.NoError(t, err)
	require.Equal(t, "stores", *out.TagSet[0].Value)
}

// A full disk may have space again later.
func TestFailedSaveIsRetried(t *testing.T) {
	state := t.TempDir()
	file := filepath.Join(state, "state", "s3.json")
	require.NoError(t, os.MkdirAll(file, 0o700)) // A file cannot replace a folder.
	_, err := client(start(t, state)).CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("events")})
	require.NoError(t, err)
	require.Eventually(t, func() bool {
		raw, err := os.ReadFile(filepath.Join(state, "emulator.log")) //nolint:gosec // a path of this test
		return err == nil && strings.Contains(string(raw), "failed to save s3")
	}, 30*time.Second, 100*time.Millisecond)
	require.NoError(t, os.Remove(file))
	require.Eventually(t, func() bool {
		raw, err := os.ReadFile(file) //nolint:gosec // a path of this test
		return err == nil && strings.Contains(string(raw), "events")
	}, 30*time.Second, 100*time.Millisecond)
}

func TestFailedLastSaveIsReported(t *testing.T) {
	state := t.TempDir()
	require.NoError(t, os.MkdirAll(filepath.Join(state, "state", "s3.json"), 0o700)) // A file cannot replace a folder.
	e := start(t, state)
	_, err := client(e).CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("events")})
	require.NoError(t, err)
	require.ErrorContains(t, e.Stop(), "the AWS emulator has not saved its last changes")
}

// Results of DuckDB's own types must not keep the state from being saved.
func TestWorkgroupsSurviveQueriesOfAnyType(t *testing.T) {
	state := t.TempDir()
	athenaOf := func(e *ministack.Emulator) *athena.Client {
		return athena.NewFromConfig(e.Config("us-east-1"))
	}
	e := start(t, state)
	group := aws.String("analytics")
	_, err := client(e).CreateBucket(t.Context(), &s3.CreateBucketInput{Bucket: aws.String("results")})
	require.NoError(t, err)
	_, err = athenaOf(e).CreateWorkGroup(t.Context(), &athena.CreateWorkGroupInput{
		Name:          group,
		Configuration: &types.WorkGroupConfiguration{ResultConfiguration: &types.ResultConfiguration{OutputLocation: aws.String("s3://results/")}},
	})
	require.NoError(t, err)
	query, err := athenaOf(e).StartQueryExecution(t.Context(), &athena.StartQueryExecutionInput{
		WorkGroup: group, QueryString: aws.String("SELECT CAST(1.5 AS DECIMAL(12,2)), DATE '2026-11-23', TIMESTAMP '2026-11-23 10:00:00'"),
	})
	require.NoError(t, err)
	require.EventuallyWithT(t, func(c *assert.CollectT) {
		out, err := athenaOf(e).GetQueryExecution(t.Context(), &athena.GetQueryExecutionInput{QueryExecutionId: query.QueryExecutionId})
		require.NoError(c, err)
		require.Equal(c, types.QueryExecutionStateSucceeded, out.QueryExecution.Status.State, aws.ToString(out.QueryExecution.Status.StateChangeReason))
	}, 20*time.Second, 50*time.Millisecond)
	require.NoError(t, e.Stop())

	out, err := athenaOf(start(t, state)).GetWorkGroup(t.Context(), &athena.GetWorkGroupInput{WorkGroup: group})
	require.NoError(t, err)
	require.Equal(t, "s3://results/", *out.WorkGroup.Configuration.ResultConfiguration.OutputLocation)
}

func TestDeathIsReported(t *testing.T) {
	e := start(t, t.TempDir())
	require.NoError(t, e.Err())
	require.NoError(t, syscall.Kill(e.PID(), syscall.SIGKILL))
	select {
	case <-e.Done():
	case <-time.After(10 * time.Second):
		t.Fatal("the death was not noticed")
	}
	require.ErrorContains(t, e.Err(), "the AWS emulator ended by itself (signal: killed)")
	require.ErrorContains(t, e.Err(), "Ready", "the last lines of the log")
}

func TestFoldersOfKilledEmulatorsAreRemoved(t *testing.T) {
	temporary := t.TempDir()
	t.Setenv("TMPDIR", temporary)
	folders := map[string]string{}
	for _, name := range []string{"killed", "alive", "begins"} {
		folders[name] = filepath.Join(temporary, "localaws-"+name)
		require.NoError(t, os.Mkdir(folders[name], 0o700))
		socket := filepath.Join(folders[name], "emulator.sock")
		l, err := (&net.ListenConfig{}).Listen(t.Context(), "unix", socket)
		require.NoError(t, err)
		l.(*net.UnixListener).SetUnlinkOnClose(false)
		if name == "alive" {
			defer func() { _ = l.Close() }()
		} else {
			require.NoError(t, l.Close())
		}
		if name != "begins" {
			require.NoError(t, os.Chtimes(socket, time.Time{}, time.Now().Add(-time.Hour)))
		}
	}
	start(t, t.TempDir())
	require.NoDirExists(t, folders["killed"])
	require.DirExists(t, folders["alive"])
	require.DirExists(t, folders["begins"])
}

func TestFailureToStart(t *testing.T) {
	command := filepath.Join(t.TempDir(), "ministack")
	require.NoError(t, os.WriteFile(command, nil, 0o600))
	require.NoError(t, os.WriteFile(filepath.Join(filepath.Dir(command), "python"), []byte("#!/bin/sh\necho no such module\nexit 3\n"), 0o700)) //nolint:gosec // an executable
	_, err := ministack.Start(t.Context(), ministack.Options{Command: command, StateDir: t.TempDir()})
	require.ErrorContains(t, err, "exit status 3")
	require.ErrorContains(t, err, "no such module")
}

func TestEnvironmentIsClean(t *testing.T) {
	for _, name := range []string{"HTTP_PROXY", "https_proxy", "AWS_CA_BUNDLE", "AWS_PROFILE", "AWS_ACCESS_KEY_ID", "GATEWAY_PORT", "USE_SSL"} {
		t.Setenv(name, "of-the-user")
	}
	raw, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", start(t, t.TempDir()).PID()))
	require.NoError(t, err)
	require.NotContains(t, string(raw), "of-the-user")
	require.Contains(t, string(raw), "AWS_ENDPOINT_URL=http://127.0.0.1:1\x00")
}
