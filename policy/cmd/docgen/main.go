// Command docgen writes docs/policies.md from the rules, the places of the rules and their tests in the source,
// and the violations of the original architecture.
package main

//go:generate go run .

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// pageFile is the path of the page in the project.
const pageFile = "docs/policies.md"

func main() {
	if err := write(); err != nil {
		fmt.Fprintln(os.Stderr, "docgen:", err)
		os.Exit(1)
	}
}

func write() error {
	root, err := findRoot()
	if err != nil {
		return err
	}
	text, err := page(root)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, pageFile), []byte(text), 0o644) //nolint:gosec // A page of the repository.
}

// findRoot returns the folder with go.mod, at or above the working directory.
func findRoot() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		if dir == filepath.Dir(dir) {
			return "", errors.New("no go.mod here or above: run it inside the project")
		}
		dir = filepath.Dir(dir)
	}
}
