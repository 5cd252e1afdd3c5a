package process_test

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"localaws/process"
)

func shell(t *testing.T, script string) (*process.Process, string) {
	t.Helper()
	log := filepath.Join(t.TempDir(), "log")
	c, err := process.Start(process.Spec{Name: "the script", Path: "/bin/sh", Args: []string{"-c", script}, Env: process.Env(), LogFile: log})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, c.Stop(0)) })
	return c, log
}

func TestStopEndsTheGroup(t *testing.T) {
	// The shell ends on SIGTERM; its child does not.
	c, log := shell(t, `sh -c 'trap "" TERM; echo $$; while :; do sleep 0.1; done' & trap 'exit 0' TERM; wait`)
	var pid int
	require.Eventually(t, func() bool {
		var err error
		pid, err = strconv.Atoi(process.Tail(log, 1))
		return err == nil
	}, 5*time.Second, 10*time.Millisecond)

	require.NoError(t, c.Stop(5*time.Second))
	require.NoError(t, c.Err())
	require.Eventually(t, func() bool { return gone(pid) }, 5*time.Second, 10*time.Millisecond)
	require.NoError(t, c.Stop(0), "stopping twice succeeds")
}

func TestStopKillsAfterGrace(t *testing.T) {
	c, log := shell(t, `trap "" TERM; echo ready; while :; do sleep 0.1; done`)
	require.Eventually(t, func() bool { return process.Tail(log, 1) == "ready" }, 5*time.Second, 10*time.Millisecond)
	began := time.Now()
	require.NoError(t, c.Stop(300*time.Millisecond))
	require.False(t, c.Running())
	require.GreaterOrEqual(t, time.Since(began), 300*time.Millisecond)
}

func TestEndIsExplained(t *testing.T) {
	c, _ := shell(t, `for i in 1 2 3; do echo line $i; done; exit 4`)
	<-c.Done()
	require.ErrorContains(t, c.Err(), "the script ended by itself (exit status 4)")
	require.ErrorContains(t, c.Err(), "line 3")
}

func TestTail(t *testing.T) {
	file := filepath.Join(t.TempDir(), "log")
	require.NoError(t, os.WriteFile(file, []byte("a\nb\nc\n"), 0o600))
	require.Equal(t, "b\nc", process.Tail(file, 2))
	require.Equal(t, "a\nb\nc", process.Tail(file, 9))
	require.Contains(t, process.Tail(file+".missing", 1), "no such file")
}

// gone reports whether a process has ended; a zombie counts as ended.
func gone(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return true
	}
	raw, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	return err != nil || strings.Contains(string(raw), ") Z ")
}
