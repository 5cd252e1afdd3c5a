package jobs

import (
	"syscall"
	"time"

	"localaws/process"
)

// killByEnv kills every process with the run's mark in its environment. PySpark's worker daemon creates its own process
// group, and outlives the run's process group if its JVM is killed. Without /proc, killByEnv is a no-op.
func killByEnv(runID string) {
	for range 50 {
		found := process.WithVariable(runMark, runID)
		for _, pid := range found {
			_ = syscall.Kill(pid, syscall.SIGKILL) // It may have ended.
		}
		if len(found) == 0 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}
