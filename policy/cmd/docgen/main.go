// Command docgen writes docs/policies.md from the rules, the positions of the rules and their tests in the source,
// and the violations of the original architecture.
package main

//go:generate go run .

import (
	"fmt"
	"os"
	"path/filepath"

	"store-events/program/project"
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
	root, err := project.Find(".")
	if err != nil {
		return err
	}
	text, err := page(root)
	if err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(root, pageFile), []byte(text), 0o644) //nolint:gosec // A page of the repository.
}
