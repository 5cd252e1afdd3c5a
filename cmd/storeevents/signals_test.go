package main

import (
	"bufio"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func TestHangupEndsACommandUnlessIgnored(t *testing.T) {
	self, err := os.Executable()
	require.NoError(t, err)
	hungUp := func(wait time.Duration) (ends bool) {
		cmd := exec.CommandContext(t.Context(), self) //nolint:gosec // This test's own binary.
		cmd.Env = append(os.Environ(), mute+"="+stubborn)
		out, err := cmd.StdoutPipe()
		require.NoError(t, err)
		require.NoError(t, cmd.Start())
		lines := bufio.NewScanner(out)
		require.True(t, lines.Scan())
		require.Equal(t, "works", lines.Text())
		require.NoError(t, cmd.Process.Signal(syscall.SIGHUP))
		end := time.AfterFunc(wait, func() { _ = cmd.Process.Kill() })
		ends = lines.Scan() && lines.Text() == "ends"
		end.Stop()
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
		return ends
	}
	if !signal.Ignored(syscall.SIGHUP) {
		require.True(t, hungUp(20*time.Second))
	}
	signal.Ignore(syscall.SIGHUP)
	defer signal.Reset(syscall.SIGHUP)
	require.False(t, hungUp(time.Second), "under nohup")
}
