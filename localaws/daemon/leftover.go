package daemon

import (
	"fmt"
	"log/slog"
	"syscall"
	"time"

	"localaws/process"
)

// leftoverGrace is long because the emulator saves its state when it ends.
const leftoverGrace = 30 * time.Second

// endLeftovers ends every process of this state folder except the caller, for example the children of a killed daemon.
// It finds them by the mark in their environment, so a reused process ID is not a problem.
func endLeftovers(stateDir string, log *slog.Logger) error {
	found := process.WithVariable(process.Mark, stateDir)
	if len(found) == 0 {
		return nil
	}
	log.Info("ending leftover processes", "pids", found)
	for _, pid := range found {
		_ = syscall.Kill(pid, syscall.SIGTERM) // It may have ended.
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
