package doctor

import (
	"context"
	"fmt"
	"os/exec"
	"strings"
	"time"
)

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
