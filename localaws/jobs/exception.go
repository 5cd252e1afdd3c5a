package jobs

import (
	"io"
	"os"
	"regexp"
	"strings"
)

const (
	traceback       = "Traceback (most recent call last):"
	frame           = `  File "` // A syntax error has no traceback line.
	outputTail      = 256 << 10
	maxErrorMessage = 4000
)

// exceptionLine matches the last line of a traceback: the exception's type, with or without module, and its optional
// message.
var exceptionLine = regexp.MustCompile(`^([A-Za-z_][\w.]*\.)?([A-Za-z_]\w*)(: .*)?$`)

// lastException returns the last uncaught Python exception in a log, in Glue's format, for example "ValueError: no such
// field". It is empty if the log has no exception.
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
			message += lines[i+1] // The message of a Java exception.
		}
	}
	return message[:min(len(message), maxErrorMessage)]
}

func tail(file string) string {
	f, err := os.Open(file) //nolint:gosec // the run's log
	if err != nil {
		return ""
	}
	defer func() { _ = f.Close() }()
	if size, err := f.Seek(0, io.SeekEnd); err == nil {
		_, _ = f.Seek(max(0, size-outputTail), io.SeekStart)
	}
	raw, _ := io.ReadAll(f) // A partial log is still useful.
	return string(raw)
}
