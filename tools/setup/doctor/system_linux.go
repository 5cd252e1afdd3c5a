package doctor

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// memory reads /proc/meminfo and the limit of a container, see
// https://man7.org/linux/man-pages/man5/proc_meminfo.5.html and
// https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files
func memory() (total, available uint64, err error) {
	raw, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0, 0, fmt.Errorf("memory: %w", err)
	}
	total, available = meminfo(string(raw), "MemTotal"), meminfo(string(raw), "MemAvailable")
	if limit, err := os.ReadFile("/sys/fs/cgroup/memory.max"); err == nil {
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

// listener finds the socket that listens in /proc/net/tcp, and the process that has it
// open. Processes of other users are unknown.
// https://www.kernel.org/doc/html/latest/networking/proc_net_tcp.html
func listener(port int) string {
	inode := ""
	for _, table := range []string{"/proc/net/tcp", "/proc/net/tcp6"} {
		raw, err := os.ReadFile(table) //nolint:gosec // A file of the system.
		if err != nil {
			continue
		}
		if inode = listeningInode(string(raw), port); inode != "" {
			break
		}
	}
	if inode == "" {
		return ""
	}
	descriptors, _ := filepath.Glob("/proc/[0-9]*/fd/*")
	for _, fd := range descriptors {
		if target, err := os.Readlink(fd); err != nil || target != "socket:["+inode+"]" {
			continue
		}
		process := filepath.Dir(filepath.Dir(fd))
		name, _ := os.ReadFile(filepath.Join(process, "comm")) //nolint:gosec // A file of the system.
		return fmt.Sprintf("%s, process %s", strings.TrimSpace(string(name)), filepath.Base(process))
	}
	return ""
}

// listeningInode returns the inode of the socket that listens on a port.
func listeningInode(table string, port int) string {
	const state, inode, listening = 3, 9, "0A"
	for line := range strings.Lines(table) {
		fields := strings.Fields(line)
		if len(fields) > inode && fields[state] == listening && strings.HasSuffix(fields[1], fmt.Sprintf(":%04X", port)) {
			return fields[inode]
		}
	}
	return ""
}
