package jobs

import (
	"io"
	"os"
	"regexp"
	"strings"
)

const (
	traceback       = "Traceback (most recent call last):"
	frame           = `  File "` // a syntax error has this without the line before
	outputTail      = 256 << 10
	maxErrorMessage = 4000
)

// exceptionLine begins the report of an exception: its type, with or without
// module, and its message if there is one.
var exceptionLine = regexp.MustCompile(`^([A-Za-z_][\w.]*\.)?([A-Za-z_]\w*)(: .*)?$`)

// lastException returns the last uncaught Python exception in a log in Glue's form, such as "ValueError: no such
// field". It is empty if there is none.
func lastException(file string) string {
	lines := strings.Split(tail(file), "\n")
	message, inside := "", false
	for i, line := range lines {
		if line == traceback || strings.HasPrefix(line, frame) {
			inside = true
			continue
		}
		match := exceptionLine.FindStringSubmatch(line)
		if !inside || match == nil {
			continue
		}
		message, inside = match[2]+match[3], false
		if i+1 < len(lines) && strings.HasPrefix(lines[i+1], ": ") {
			message += lines[i+1] // a Java exception's own message
		}
	}
	return message[:min(len(message), maxErrorMessage)]
}

func tail(file string) string {
	f, err := os.Open(file) //nolint:gosec // the run's own log
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }()
	if size, err := f.Seek(0, io.SeekEnd); err == nil {
		_, _ = f.Seek(max(0, size-outputTail), io.SeekStart)
	}
	raw, _ := io.ReadAll(f) // A part is better than nothing.
	return string(raw)
}
