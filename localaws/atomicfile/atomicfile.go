// Package atomicfile replaces files atomically: a reader sees the old or the new content, even if the writer is killed.
package atomicfile

import (
	"errors"
	"os"
	"path/filepath"
)

// Write replaces a file atomically. Only the owner can read the new file.
func Write(path string, content []byte) error {
	fresh, err := os.CreateTemp(filepath.Dir(path), "."+filepath.Base(path)+".*") // Its mode is 0600.
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(fresh.Name()) }() // It still exists only after an error.
	_, err = fresh.Write(content)
	if err := errors.Join(err, fresh.Close()); err != nil {
		return err
	}
	return os.Rename(fresh.Name(), path)
}
