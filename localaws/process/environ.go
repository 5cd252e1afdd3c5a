package process

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
)

// WithVariable returns the process IDs of the processes, except the caller, whose environment has the variable
// with the value. It finds also those that left their process group. Without /proc it finds none.
func WithVariable(name, value string) []int {
	variable := []byte(name + "=" + value)
	files, _ := filepath.Glob("/proc/[0-9]*/environ") // The pattern is valid.
	var pids []int
	for _, file := range files {
		raw, err := os.ReadFile(file) //nolint:gosec // of the kernel's making
		if err != nil || !hasVariable(raw, variable) {
			continue // Ended, or another user's.
		}
		pid, err := strconv.Atoi(filepath.Base(filepath.Dir(file)))
		if err == nil && pid != os.Getpid() {
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
