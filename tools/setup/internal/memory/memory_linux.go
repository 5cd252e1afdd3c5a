// Package memory measures the memory of this machine.
package memory

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// limits are the files with the limit of a container, of both versions of control groups.
// https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files
// https://docs.kernel.org/admin-guide/cgroup-v1/memory.html
var limits = []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}

// Read returns the total and the available bytes of memory, of the container if it has a limit.
// https://man7.org/linux/man-pages/man5/proc_meminfo.5.html
func Read() (total, available uint64, err error) {
	return read("/proc/meminfo", limits)
}

func read(file string, limits []string) (total, available uint64, err error) {
	raw, err := os.ReadFile(file) //nolint:gosec // A file of the system.
	if err != nil {
		return 0, 0, fmt.Errorf("memory: %w", err)
	}
	total, available = meminfo(string(raw), "MemTotal"), meminfo(string(raw), "MemAvailable")
	for _, file := range limits {
		limit, _ := os.ReadFile(file) //nolint:gosec // A file of the system.
		if n, err := strconv.ParseUint(strings.TrimSpace(string(limit)), 10, 64); err == nil {
			total, available = min(total, n), min(available, n)
		}
	}
	return total, available, nil
}

func meminfo(text, name string) uint64 {
	for line := range strings.Lines(text) {
		fields := strings.Fields(line)
		if len(fields) >= 2 && fields[0] == name+":" {
			n, _ := strconv.ParseUint(fields[1], 10, 64)
			return n * 1024
		}
	}
	return 0
}
