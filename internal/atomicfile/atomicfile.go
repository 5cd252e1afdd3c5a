// Package atomicfile replaces files atomically: a reader sees the old or the new content, even if the writer dies.
package atomicfile

import (
	"errors"
	"os"
	"path/filepath"
)

// Write replaces a file with content and mode.
func Write(file string, content []byte, mode os.FileMode) error {
	fresh, err := os.CreateTemp(filepath.Dir(file), "."+filepath.Base(file)+".*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(fresh.Name()) }() // It exists only after an error.
	_, err = fresh.Write(content)
	if err := errors.Join(err, fresh.Chmod(mode), fresh.Close()); err != nil {
		return err
	}
	return os.Rename(fresh.Name(), file)
}
