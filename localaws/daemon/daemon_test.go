package daemon_test

import (
	"bytes"
	"context"
	"encoding/json"
	"log/slog"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"localaws/daemon"
	"localaws/testtools"
	"localaws/tools"
)

// options returns options of a daemon whose processes all end with the test.
func options(t *testing.T) daemon.Options {
	t.Helper()
	setTools(t, testtools.Paths(t))
	o := daemon.Options{
		Serve: []string{"serve"}, StateDir: filepath.Join(t.TempDir(), "state"), Port: testtools.FreePort(t), Region: "us-east-1",
		Advice: daemon.Advice{OtherPort: "take another", StopOther: "stop it there", Reset: "begin again"},
	}
	t.Cleanup(func() {
		require.NoError(t, daemon.Stop(context.Background(), o.StateDir))
		require.Empty(t, processesOf(o.StateDir))
		if t.Failed() {
			log, _ := os.ReadFile(filepath.Join(o.StateDir, "daemon.log"))
			t.Log(string(log))
		}
	})
	return o
}

func setTools(t *testing.T, paths tools.Paths) {
	t.Helper()
	raw, err := json.Marshal(paths)
	require.NoError(t, err)
	t.Setenv(toolsVariable, string(raw))
}

func TestStateSurvivesStopAndStart(t *testing.T) {
	o := options(t)
	require.NoError(t, daemon.Start(t.Context(), o))
	first := running(t, o)
	require.NoError(t, daemon.Start(t.Context(), o))
	require.Equal(t, first.PID, running(t, o).PID, "a healthy daemon is kept")

	w := fill(t, o)
	logs := logged(&o)
	require.NoError(t, daemon.Stop(t.Context(), o.StateDir))
	require.Empty(t, processesOf(o.StateDir), "no process remains")
	status, err := daemon.GetStatus(t.Context(), o.StateDir)
	require.NoError(t, err)
	require.Equal(t, daemon.Status{}, status)
	require.NoError(t, daemon.Stop(t.Context(), o.StateDir), "stopping twice succeeds")

	require.NoError(t, daemon.Start(t.Context(), o))
	w.check(t)
	require.Empty(t, logs.String())
}

// A daemon responds late while a database server starts or the emulator is busy.
func TestBusyDaemonIsKept(t *testing.T) {
	o := options(t)
	require.NoError(t, daemon.Start(t.Context(), o))
	busy := running(t, o)
	require.NoError(t, syscall.Kill(busy.Health.Emulator.PID, syscall.SIGSTOP))
	time.AfterFunc(4*time.Second, func() { _ = syscall.Kill(busy.Health.Emulator.PID, syscall.SIGCONT) })

	require.NoError(t, daemon.Start(t.Context(), o))
	require.Equal(t, busy.PID, running(t, o).PID)
}

func TestDamagedAccessKeyIsReported(t *testing.T) {
	o := options(t)
	require.NoError(t, daemon.Start(t.Context(), o))
	key := filepath.Join(o.StateDir, "credentials.json")
	require.NoError(t, os.WriteFile(key, []byte("{"), 0o600))
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
	defer cancel()
	require.ErrorContains(t, daemon.Start(ctx, o), key+" is damaged: stop the local AWS and remove the file")
	_, err := daemon.GetStatus(ctx, o.StateDir)
	require.ErrorContains(t, err, key+" is damaged")

	require.NoError(t, daemon.Stop(ctx, o.StateDir))
	require.NoError(t, os.Remove(key))
	require.NoError(t, daemon.Start(t.Context(), o))
	running(t, o)
}

// logged makes Start log into the returned buffer.
func logged(o *daemon.Options) *bytes.Buffer {
	var logs bytes.Buffer
	o.Log = slog.New(slog.NewTextHandler(&logs, nil))
	return &logs
}

func TestStartAfterTheDaemonWasKilled(t *testing.T) {
	o := options(t)
	require.NoError(t, daemon.Start(t.Context(), o))
	w := fill(t, o)
	before := processesOf(o.StateDir)
	logs := logged(&o)
	require.NoError(t, syscall.Kill(running(t, o).PID, syscall.SIGKILL))

	require.NoError(t, daemon.Start(t.Context(), o))
	require.Contains(t, logs.String(), "did not shut down cleanly: its latest changes may be lost; if something is missing, begin again")
	for _, pid := range before {
		require.NotContains(t, processesOf(o.StateDir), pid, "processes of the killed daemon have ended")
	}
	w.check(t)
}

func TestDaemonEndsWithItsCallerAndRemovesItsState(t *testing.T) {
	o := options(t)
	self, err := os.Executable()
	require.NoError(t, err)
	caller := exec.CommandContext(t.Context(), self, "start", "--state", o.StateDir, "--port", strconv.Itoa(o.Port), "--region", o.Region) //nolint:gosec // This test's own binary.
	out, err := caller.CombinedOutput()
	require.NoError(t, err, string(out))
	require.Eventually(t, func() bool { return len(processesOf(o.StateDir)) == 0 }, time.Minute, 100*time.Millisecond)
	require.NoDirExists(t, o.StateDir)
}

func TestDaemonEndsWithTheEmulator(t *testing.T) {
	o := options(t)
	require.NoError(t, daemon.Start(t.Context(), o))
	require.NoError(t, syscall.Kill(running(t, o).Health.Emulator.PID, syscall.SIGKILL))

	require.Eventually(t, func() bool { return len(processesOf(o.StateDir)) == 0 }, 20*time.Second, 100*time.Millisecond)
	log, err := os.ReadFile(filepath.Join(o.StateDir, "daemon.log"))
	require.NoError(t, err)
	require.Contains(t, string(log), "the AWS emulator ended by itself (signal: killed)")
	logs := logged(&o)
	require.NoError(t, daemon.Start(t.Context(), o), "and it can start again")
	require.Contains(t, logs.String(), "did not shut down cleanly: its latest changes may be lost")

	require.NoError(t, daemon.Stop(t.Context(), o.StateDir))
	logs.Reset()
	require.NoError(t, daemon.Start(t.Context(), o))
	require.Empty(t, logs.String(), "a stop saves everything")
}

func TestTakenPort(t *testing.T) {
	o := options(t)
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(o.Port)))
	require.NoError(t, err)
	err = daemon.Start(t.Context(), o)
	require.NoError(t, l.Close())
	var taken *daemon.PortTakenError
	require.ErrorAs(t, err, &taken)
	require.EqualError(t, err, "port "+strconv.Itoa(o.Port)+" on 127.0.0.1 is taken by another program: end that program, or take another")

	require.NoError(t, daemon.Start(t.Context(), o))
	other := o
	other.StateDir = t.TempDir()
	require.ErrorContains(t, daemon.Start(t.Context(), other), "taken by the local AWS of another state folder: stop it there, or take another")

	l, err = (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer func() { _ = l.Close() }()
	before, moved := running(t, o).PID, o
	moved.Port = l.Addr().(*net.TCPAddr).Port
	require.ErrorAs(t, daemon.Start(t.Context(), moved), &taken)
	require.Equal(t, before, running(t, o).PID, "the daemon stays at its port")
}

func TestFailureToStartIsExplained(t *testing.T) {
	o := options(t)
	missing := testtools.Paths(t)
	missing.Ministack = filepath.Join(t.TempDir(), "missing")
	setTools(t, missing)
	err := daemon.Start(t.Context(), o)
	require.ErrorContains(t, err, "the local AWS did not start")
	require.ErrorContains(t, err, "no such file or directory")
}

func TestUnreadableAccountIsExplained(t *testing.T) {
	o := options(t)
	t.Setenv("TEST_MYSQL_ACCOUNT", filepath.Join(t.TempDir(), "missing.json"))
	require.ErrorContains(t, daemon.Start(t.Context(), o), "missing.json: no such file or directory")
}

func running(t *testing.T, o daemon.Options) daemon.Status {
	t.Helper()
	status, err := daemon.GetStatus(t.Context(), o.StateDir)
	require.NoError(t, err)
	require.True(t, status.Running)
	require.NotNil(t, status.Health)
	require.True(t, status.Health.OK())
	return status
}
