package deploy

import (
	"os"
	"path/filepath"

	"store-events/internal/atomicfile"
)

// replace replaces a file atomically. It follows links and keeps the file's mode, because the file may be the user's.
func replace(file string, content []byte) error {
	if target, err := filepath.EvalSymlinks(file); err == nil {
		file = target
	}
	mode := os.FileMode(0o600)
	if info, err := os.Stat(file); err == nil {
		mode = info.Mode().Perm()
	}
	return atomicfile.Write(file, content, mode)
}
