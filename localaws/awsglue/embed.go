// Package awsglue embeds the Python package awsglue, which jobs import, and the templates of Spark's settings. The
// local AWS writes them to its state folder, so that its binary works without the source code.
package awsglue

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

//go:embed awsglue/*.py awsglue/py.typed *.conf *.properties
var files embed.FS

// Write replaces the folder dir with the embedded files.
func Write(dir string) error {
	err := os.RemoveAll(dir)
	if err == nil {
		err = fs.WalkDir(files, ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil {
				return err
			}
			to := filepath.Join(dir, filepath.FromSlash(name))
			if d.IsDir() {
				return os.MkdirAll(to, 0o700)
			}
			raw, err := files.ReadFile(name)
			return errors.Join(err, os.WriteFile(to, raw, 0o600))
		})
	}
	if err != nil {
		return fmt.Errorf("write the package awsglue: %w", err)
	}
	return nil
}
