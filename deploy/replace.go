package deploy

import (
	"os"
	"path/filepath"

	"store-events/internal/atomicfile"
)

// replace writes a file as a whole, which may be the user's: a link stays, and so does the file's mode.
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
