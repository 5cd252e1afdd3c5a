package doctor

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// memory returns the installed memory. The available memory is not known: macOS uses free
// memory for caches, and compresses idle memory.
func memory() (total, available uint64, err error) {
	total, err = unix.SysctlUint64("hw.memsize")
	if err != nil {
		return 0, 0, fmt.Errorf("memory: %w", err)
	}
	return total, total, nil
}

// listener runs lsof, which is part of macOS.
func listener(port int) string {
	ctx, cancel := context.WithTimeout(context.Background(), 5*time.Second)
	defer cancel()
	out, err := exec.CommandContext(ctx, "lsof", "-nP", fmt.Sprintf("-iTCP:%d", port), "-sTCP:LISTEN", "-F", "cp").Output() //nolint:gosec // A number.
	if err != nil {
		return ""
	}
	var name, process string
	for line := range strings.Lines(string(out)) {
		line = strings.TrimSpace(line)
		switch {
		case strings.HasPrefix(line, "p"):
			process = line[1:]
		case strings.HasPrefix(line, "c"):
			name = line[1:]
		}
	}
	return name + ", process " + process
}
