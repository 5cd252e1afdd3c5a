package process

import (
	"bytes"
	"os"
	"path/filepath"
	"strconv"
)

// WithVariable returns the IDs of processes, except the caller, that were started with the environment variable. It
// includes processes outside the caller's process group. Without /proc it returns nil.
func WithVariable(name, value string) []int {
	variable := []byte(name + "=" + value)
	files, _ := filepath.Glob("/proc/[0-9]*/environ") // The pattern is valid.
	var pids []int
	for _, file := range files {
		raw, err := os.ReadFile(file) //nolint:gosec // a kernel file
		if err != nil || !hasVariable(raw, variable) {
			continue // It has ended, or belongs to another user.
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
