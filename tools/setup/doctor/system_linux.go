package doctor

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

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
