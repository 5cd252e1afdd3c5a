package artifacts

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"store-events/schema"
)

// packHelpers writes the job's Python package, including the event contract, as a zip archive.
func packHelpers(projectDir, target string) error {
	root := filepath.Join(projectDir, "glue", "store_events")
	sources, err := pythonFiles(root)
	if err != nil {
		return fmt.Errorf("pack the job's modules: %w", err)
	}
	if len(sources) == 0 {
		return fmt.Errorf("pack the job's modules: no Python file in %s", root)
	}
	entries := []entry{{name: "store_events/contract.json", mode: 0o644, content: schema.JSON()}}
	for _, source := range sources {
		content, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(source))) //nolint:gosec // A file of the project.
		if err != nil {
			return fmt.Errorf("pack the job's modules: %w", err)
		}
		entries = append(entries, entry{name: path.Join("store_events", source), mode: 0o644, content: content})
	}
	if err := writeZip(target, entries...); err != nil {
		return fmt.Errorf("pack the job's modules: %w", err)
	}
	return nil
}

// pythonFiles returns the Python files below a folder, relative to it, with slashes.
func pythonFiles(root string) ([]string, error) {
	var files []string
	err := fs.WalkDir(os.DirFS(root), ".", func(name string, _ fs.DirEntry, err error) error {
		if err == nil && path.Ext(name) == ".py" {
			files = append(files, name)
		}
		return err
	})
	if errors.Is(err, os.ErrNotExist) {
		return nil, nil
	}
	return files, err
}
