package daemon_test

import (
	"context"
	"log/slog"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"localaws/daemon"
	"localaws/process"
	"localaws/testtools"
)

// Run does not end other child processes of its caller.
func TestRunKeepsOtherProcessesOfItsCaller(t *testing.T) {
	o := daemon.Options{StateDir: t.TempDir(), Port: testtools.FreePort(t), Log: slog.New(slog.DiscardHandler), Tools: testtools.Paths(t)}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	ended := make(chan error, 1)
	go func() { ended <- daemon.Run(ctx, o) }()
	require.Eventually(t, func() bool { return healthy(t, o.StateDir) }, time.Minute, 100*time.Millisecond)
	require.NotEmpty(t, processesOf(o.StateDir), "the emulator has the mark")

	other := exec.Command("sleep", "600") //nolint:noctx // Ended below.
	require.NoError(t, other.Start())
	defer func() { _ = other.Process.Kill(); _ = other.Wait() }()
	cancel()
	require.NoError(t, <-ended)

	require.Empty(t, processesOf(o.StateDir))
	var status syscall.WaitStatus
	pid, err := syscall.Wait4(other.Process.Pid, &status, syscall.WNOHANG, nil)
	require.NoError(t, err)
	require.Zero(t, pid, "the other process was ended by signal %d", status.Signal())
	require.Empty(t, os.Getenv(process.Mark), "the caller's environment is kept")
}

func healthy(t *testing.T, stateDir string) bool {
	t.Helper()
	status, err := daemon.GetStatus(t.Context(), stateDir)
	require.NoError(t, err)
	return status.Health != nil && status.Health.OK()
}
