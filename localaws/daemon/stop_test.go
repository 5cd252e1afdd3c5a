package daemon

import (
	"context"
	"errors"
	"os/exec"
	"path/filepath"
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

func TestPathsThatSparkCannotReadAreRefused(t *testing.T) {
	for _, name := range []string{"C#", "a[1]", "a:b", "x, y", `back\slash`, "{a}"} {
		dir := filepath.Join(t.TempDir(), name)
		err := Start(t.Context(), Options{StateDir: dir, Port: 1})
		require.ErrorContains(t, err, "choose another state folder", name)
		require.NoDirExists(t, dir)
	}
	_, err := Options{StateDir: filepath.Join(t.TempDir(), "Büro 1 (neu)"), Port: 1}.complete()
	require.NoError(t, err)
}

func TestInterruptedStart(t *testing.T) {
	ctx, interrupt := context.WithCancelCause(t.Context())
	interrupt(errors.New("interrupt signal received"))
	o := Options{StateDir: t.TempDir(), Port: 1}
	require.EqualError(t, o.waitHealthy(ctx, 1, nil), "start the local AWS: interrupt signal received")
}
