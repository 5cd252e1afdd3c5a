// Package fromsource prepares the source of the Pulumi CLI and of its providers for a build, which is the last
// resort if neither PATH nor the CLI's plugins have them. The folders below contain the modules to build.
package fromsource

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"store-events/tools/setup/fromsource/trim"
	"store-events/tools/setup/internal/files"
)

// whole is the name of a file that replaces a whole package.
const whole = "whole.go"

// Overlay copies a module to a folder below dest with the module's path, and replaces
// files of the module by those with the same path below root.
func Overlay(m trim.Module, root, dest string) error {
	from, to := filepath.Join(root, filepath.FromSlash(m.Path)), filepath.Join(dest, filepath.FromSlash(m.Path))
	if err := CopyModule(m.Dir, to); err != nil {
		return err
	}
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		return replaceFile(path, filepath.Join(to, rel))
	})
}

func replaceFile(from, to string) error {
	if filepath.Base(from) == whole {
		originals, err := filepath.Glob(filepath.Join(filepath.Dir(to), "*.go"))
		if err != nil {
			return err
		}
		for _, o := range originals {
			if err := os.Remove(o); err != nil {
				return err
			}
		}
	} else if !files.Exists(to) {
		return errors.New("there is no file to replace: " + to)
	}
	return files.Copy(from, to)
}

// CopyModule copies the files that a build of a module needs, and replaces an earlier
// copy.
func CopyModule(from, to string) error {
	if err := os.RemoveAll(to); err != nil {
		return fmt.Errorf("clear an earlier copy: %w", err)
	}
	return filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		switch {
		case d.IsDir() && d.Name() == "testdata":
			return filepath.SkipDir
		case d.IsDir() || strings.HasSuffix(path, "_test.go"):
			return nil
		}
		return files.Copy(path, filepath.Join(to, rel))
	})
}
