// Package memory measures the memory of this machine.
package memory

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// Read returns the installed memory. The available memory is not known: macOS uses free
// memory for caches, and compresses idle memory.
func Read() (total, available uint64, err error) {
	total, err = unix.SysctlUint64("hw.memsize")
	if err != nil {
		return 0, 0, fmt.Errorf("memory: %w", err)
	}
	return total, total, nil
}
