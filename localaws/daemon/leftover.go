package daemon

import (
	"bytes"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
	"time"

	"localaws/process"
)

// leftoverGrace is long because the emulator writes its state when it ends.
const leftoverGrace = 30 * time.Second

// endLeftovers ends every process of this state folder except the caller: what a killed daemon and its children
// left. It recognizes them by the mark in their environment, so that a reused process ID does no harm.
func endLeftovers(stateDir string, log *slog.Logger) error {
	found := marked(stateDir)
	if len(found) == 0 {
		return nil
	}
	log.Info("ending processes that were left over", "pids", found)
	for _, pid := range found {
		_ = syscall.Kill(pid, syscall.SIGTERM) // Already gone is fine.
	}
	for deadline := time.Now().Add(leftoverGrace); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if len(marked(stateDir)) == 0 {
			return nil
		}
	}
	for _, pid := range marked(stateDir) {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	time.Sleep(100 * time.Millisecond)
	if rest := marked(stateDir); len(rest) > 0 {
		return fmt.Errorf("processes of %s do not end: %v", stateDir, rest)
	}
	return nil
}

// marked returns the processes of a state folder, without the caller. Without /proc it finds none.
func marked(stateDir string) []int {
	variable := []byte(process.Mark + "=" + stateDir)
	files, _ := filepath.Glob("/proc/[0-9]*/environ")
	var pids []int
	for _, file := range files {
		raw, err := os.ReadFile(file) //nolint:gosec // of the kernel's making
		if err != nil || !contains(raw, variable) {
			continue // Ended, or another user's.
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err == nil && pid != os.Getpid() {
			pids = append(pids, pid)
		}
	}
	return pids
}

func contains(environ, variable []byte) bool {
	for item := range bytes.SplitSeq(environ, []byte{0}) {
		if bytes.Equal(item, variable) {
			return true
		}
	}
	return false
}
