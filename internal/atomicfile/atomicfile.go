// Package atomicfile writes files of which nobody may find a half, not even after the writer has died.
package atomicfile

import (
	"errors"
	"os"
	"path/filepath"
)

// Write replaces a file by a complete one with this content and mode.
func Write(file string, content []byte, mode os.FileMode) error {
	fresh, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+".*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(fresh.Name()) }() // It is there only after an error.
	_, err = fresh.Write(content)
	if err := errors.Join(err, fresh.Chmod(mode), fresh.Close()); err != nil {
		return err
	}
	return os.Rename(fresh.Name(), file)
}
