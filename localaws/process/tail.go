package process

import (
	"io"
	"os"
	"strings"
)

const tailBytes = 16 << 10

// Tail returns the last lines of a log file, or the error that prevents reading it.
func Tail(file string, lines int) string {
	f, err := os.Open(file) //nolint:gosec // a log file of this program
	if err != nil {
		return err.Error()
	}
	defer func() { _ = f.Close() }()
	if size, err := f.Seek(0, io.SeekEnd); err == nil {
		_, _ = f.Seek(max(0, size-tailBytes), io.SeekStart)
	}
	raw, err := io.ReadAll(f)
	if err != nil {
		return err.Error()
	}
	all := strings.Split(strings.TrimRight(string(raw), "\n"), "\n")
	return strings.Join(all[max(0, len(all)-lines):], "\n")
}
