package daemon

import (
	"fmt"
	"log/slog"
	"syscall"
	"time"

	"localaws/process"
)

// leftoverGrace is long because the emulator writes its state when it ends.
const leftoverGrace = 30 * time.Second

// endLeftovers ends every process of this state folder except the caller: what a killed daemon and its children
// left. It recognizes them by the mark in their environment, so that a reused process ID does no harm.
func endLeftovers(stateDir string, log *slog.Logger) error {
	found := process.WithVariable(process.Mark, stateDir)
	if len(found) == 0 {
		return nil
	}
	log.Info("ending processes that were left over", "pids", found)
	for _, pid := range found {
		_ = syscall.Kill(pid, syscall.SIGTERM) // Already gone is fine.
	}
	for deadline := time.Now().Add(leftoverGrace); time.Now().Before(deadline); time.Sleep(50 * time.Millisecond) {
		if len(process.WithVariable(process.Mark, stateDir)) == 0 {
			return nil
		}
	}
	for _, pid := range process.WithVariable(process.Mark, stateDir) {
		_ = syscall.Kill(pid, syscall.SIGKILL)
	}
	time.Sleep(100 * time.Millisecond)
	if rest := process.WithVariable(process.Mark, stateDir); len(rest) > 0 {
		return fmt.Errorf("processes of %s do not end: %v", stateDir, rest)
	}
	return nil
}
