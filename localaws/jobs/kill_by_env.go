package jobs

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"
)

// killByEnv ends every process with the run's mark in its environment. PySpark's worker daemon creates its own
// process group, and so outlives the run's if its JVM is killed. Without /proc, killing the group has to
// suffice.
func killByEnv(runID string) {
	mark := []byte(runMark + "=" + runID)
	for range 50 {
		found := withVariable(mark)
		for _, pid := range found {
			_ = syscall.Kill(pid, syscall.SIGKILL) // Already gone is fine.
		}
		if len(found) == 0 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}

func withVariable(mark []byte) []int {
	files, _ := filepath.Glob("/proc/[0-9]*/environ")
	var pids []int
	for _, file := range files {
		raw, err := os.ReadFile(file) //nolint:gosec // of the kernel's making
		if err != nil || !hasVariable(raw, mark) {
			continue // Ended, or another user's.
		}
		if pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file))); err == nil {
			pids = append(pids, pid)
		}
	}
	return pids
}

func hasVariable(environ, variable []byte) bool {
	for item := range bytes.SplitSeq(environ, []byte{0}) {
		if bytes.Equal(item, variable) {
			return true
		}
	}
	return false
}
