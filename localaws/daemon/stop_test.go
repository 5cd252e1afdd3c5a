package daemon

import (
	"os/exec"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// A daemon holds the lock shortly before it writes its record.
func TestStopWaitsForTheRecordOfAStartingDaemon(t *testing.T) {
	o, err := Options{StateDir: t.TempDir(), Port: 1}.complete()
	require.NoError(t, err)
	held, err := tryLock(o.StateDir, lockFile)
	require.NoError(t, err)
	stopped := make(chan error, 1)
	go func() { stopped <- Stop(t.Context(), o.StateDir) }()
	time.Sleep(2 * statusLockTimeout)

	starting := exec.Command("sleep", "600") //nolint:noctx // ended below
	require.NoError(t, starting.Start())
	defer func() { _ = starting.Process.Kill() }()
	r := record{PID: starting.Process.Pid, Port: 1, Started: time.Now().UTC()}
	require.NoError(t, r.write(o))
	ended := make(chan error, 1)
	go func() { ended <- starting.Wait() }()
	select {
	case err := <-ended:
		require.EqualError(t, err, "signal: terminated")
	case <-time.After(10 * time.Second):
		t.Fatal("the daemon was not signaled")
	}
	held.release()
	require.NoError(t, <-stopped)
}
