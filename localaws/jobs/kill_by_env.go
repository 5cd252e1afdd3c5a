package jobs

import (
	"syscall"
	"time"

	"localaws/process"
)

// killByEnv ends every process with the run's mark in its environment. PySpark's worker daemon creates its own
// process group, and so outlives the run's if its JVM is killed. Without /proc, killing the group has to
// suffice.
func killByEnv(runID string) {
	for range 50 {
		found := process.WithVariable(runMark, runID)
		for _, pid := range found {
			_ = syscall.Kill(pid, syscall.SIGKILL) // Already gone is fine.
		}
		if len(found) == 0 {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
}
